"""What a reader moves and reads: explorers and their controls, predictions, stills, runs, a source."""

from course.kit.panel._progress import progress as progress
from course.kit.panel._source import source as source
from course.kit.panel._unavailable import unavailable as unavailable
from course.kit.panel._walk_through import walk_through as walk_through
from course.kit.panel._with_name import with_name as with_name
from course.kit.panel.controls import Choice as Choice
from course.kit.panel.controls import Number as Number
from course.kit.panel.explorer import Explorer as Explorer
from course.kit.panel.measured import Measured as Measured
from course.kit.panel.prediction import Option as Option
from course.kit.panel.prediction import Prediction as Prediction
from course.kit.panel.runs import show_runs as show_runs
from course.kit.panel.said import Said as Said
from course.kit.panel.still import Picture as Picture
from course.kit.panel.times import show_times as show_times
