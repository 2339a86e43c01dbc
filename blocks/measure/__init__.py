"""What any module does and costs: its recorded forward, multiply-adds, memory, bytes moved, time."""

from blocks.measure._cost import Cost as Cost
from blocks.measure._cost import Part as Part
from blocks.measure._cost import cost as cost
from blocks.measure._graph import graph as graph
from blocks.measure._intensity import Intensity as Intensity
from blocks.measure._intensity import intensity as intensity
from blocks.measure._intensity import intensity_of as intensity_of
from blocks.measure._latency import Latency as Latency
from blocks.measure._latency import Speedup as Speedup
from blocks.measure._latency import latency as latency
from blocks.measure._latency import machine as machine
from blocks.measure._latency import speedup as speedup
from blocks.measure._latency import sweep as sweep
from blocks.measure._memory import Memory as Memory
from blocks.measure._memory import memory as memory
from blocks.measure.step import Graph as Graph
from blocks.measure.step import Step as Step
