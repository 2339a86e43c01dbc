"""Interactive pictures of the blocks: moved by a reader, computed from the real modules."""

from collections.abc import Callable
from typing import Any

from blocks.explorers.accuracy_against_cost import accuracy_against_cost as accuracy_against_cost
from blocks.explorers.bottleneck import bottleneck_reduction as bottleneck_reduction
from blocks.explorers.break_it import break_it as break_it
from blocks.explorers.channel_groups import channel_groups as channel_groups
from blocks.explorers.channel_weights import channel_weights as channel_weights
from blocks.explorers.compound_scaling import compound_scaling as compound_scaling
from blocks.explorers.controls import Choice as Choice
from blocks.explorers.controls import Number as Number
from blocks.explorers.course_map import course_map as course_map
from blocks.explorers.depthwise_separable import parameter_savings as parameter_savings
from blocks.explorers.explorer import Explorer as Explorer
from blocks.explorers.fused_mbconv import fused_crossover as fused_crossover
from blocks.explorers.inside_a_block import inside_a_block as inside_a_block
from blocks.explorers.inspect import inspect as inspect
from blocks.explorers.inverted_residual import channel_expansion as channel_expansion
from blocks.explorers.linear_bottleneck import spiral_dimensions as spiral_dimensions
from blocks.explorers.mbconv import whole_block as whole_block
from blocks.explorers.norm_and_activation import norm_and_activation as norm_and_activation
from blocks.explorers.prediction import Option as Option
from blocks.explorers.prediction import Prediction as Prediction
from blocks.explorers.progress import progress as progress
from blocks.explorers.rank_dial import rank_dial as rank_dial
from blocks.explorers.residual import delete_block as delete_block
from blocks.explorers.runs import show_runs as show_runs
from blocks.explorers.slope_dial import slope_dial as slope_dial
from blocks.explorers.source import source as source
from blocks.explorers.squeeze_excitation import reduction_ratio as reduction_ratio
from blocks.explorers.start_gradients import gradients_at_start as gradients_at_start
from blocks.explorers.stochastic_depth import stochastic_depth as stochastic_depth
from blocks.explorers.stride_position import stride_position as stride_position
from blocks.explorers.times import show_times as show_times
from blocks.explorers.walk_through import walk_through as walk_through
from blocks.explorers.what_the_network_sees import what_the_network_sees as what_the_network_sees
from blocks.explorers.window_geometry import window_geometry as window_geometry

EXPLORERS: dict[str, Callable[[], Explorer[Any]]] = {
    "window_geometry": window_geometry,
    "channel_groups": channel_groups,
    "norm_and_activation": norm_and_activation,
    "bottleneck_reduction": bottleneck_reduction,
    "stride_position": stride_position,
    "parameter_savings": parameter_savings,
    "rank_dial": rank_dial,
    "break_it": break_it,
    "what_the_network_sees": what_the_network_sees,
    "spiral_dimensions": spiral_dimensions,
    "slope_dial": slope_dial,
    "channel_expansion": channel_expansion,
    "inside_a_block": inside_a_block,
    "channel_weights": channel_weights,
    "reduction_ratio": reduction_ratio,
    "whole_block": whole_block,
    "stochastic_depth": stochastic_depth,
    "fused_crossover": fused_crossover,
    "delete_block": delete_block,
    "gradients_at_start": gradients_at_start,
    "accuracy_against_cost": accuracy_against_cost,
    "compound_scaling": compound_scaling,
    "walk_through": walk_through,
}
