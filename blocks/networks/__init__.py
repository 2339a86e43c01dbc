"""Real networks, as the papers' tables say, made of the blocks.

Every network has four parts: `stem`, `stages` (each a run of blocks), `head` (up to the features of a
picture) and `classifier`, which is one nn.Linear. For other classes, put another one in its place.
"""

from blocks.networks._table import table as table
from blocks.networks.efficientnet import efficientnet_b0 as efficientnet_b0
from blocks.networks.efficientnet import efficientnet_b1 as efficientnet_b1
from blocks.networks.efficientnet import efficientnet_b2 as efficientnet_b2
from blocks.networks.efficientnet import efficientnet_b3 as efficientnet_b3
from blocks.networks.efficientnet import efficientnet_b4 as efficientnet_b4
from blocks.networks.efficientnet import efficientnet_b5 as efficientnet_b5
from blocks.networks.efficientnet import efficientnet_b6 as efficientnet_b6
from blocks.networks.efficientnet import efficientnet_b7 as efficientnet_b7
from blocks.networks.efficientnet import efficientnet_v2_l as efficientnet_v2_l
from blocks.networks.efficientnet import efficientnet_v2_m as efficientnet_v2_m
from blocks.networks.efficientnet import efficientnet_v2_s as efficientnet_v2_s
from blocks.networks.facts import PUBLISHED as PUBLISHED
from blocks.networks.folding import fold_norms as fold_norms
from blocks.networks.imagenet import class_names as class_names
from blocks.networks.imagenet import preprocess as preprocess
from blocks.networks.initialization import initialize as initialize
from blocks.networks.mobilenet import mobilenet_v1 as mobilenet_v1
from blocks.networks.mobilenet import mobilenet_v2 as mobilenet_v2
from blocks.networks.mobilenet import mobilenet_v3_large as mobilenet_v3_large
from blocks.networks.mobilenet import mobilenet_v3_small as mobilenet_v3_small
from blocks.networks.parts import blocks_of as blocks_of
from blocks.networks.resnet import plain18 as plain18
from blocks.networks.resnet import plain34 as plain34
from blocks.networks.resnet import resnet18 as resnet18
from blocks.networks.resnet import resnet34 as resnet34
from blocks.networks.resnet import resnet50 as resnet50
from blocks.networks.resnet import resnet101 as resnet101
from blocks.networks.resnet import resnet152 as resnet152
from blocks.networks.resnet import se_resnet50 as se_resnet50
from blocks.networks.weights import copy_weights as copy_weights
from blocks.networks.weights import load_official as load_official
