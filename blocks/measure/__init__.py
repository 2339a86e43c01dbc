"""What any module does and costs: its recorded forward, multiply-adds, memory, bytes moved, time."""

from blocks.measure.cost import Cost as Cost
from blocks.measure.cost import Part as Part
from blocks.measure.cost import cost as cost
from blocks.measure.graph import graph as graph
from blocks.measure.intensity import Intensity as Intensity
from blocks.measure.intensity import intensity as intensity
from blocks.measure.intensity import intensity_of as intensity_of
from blocks.measure.latency import Latency as Latency
from blocks.measure.latency import latency as latency
from blocks.measure.latency import machine as machine
from blocks.measure.latency import sweep as sweep
from blocks.measure.memory import Memory as Memory
from blocks.measure.memory import memory as memory
from blocks.measure.step import Graph as Graph
from blocks.measure.step import Step as Step
