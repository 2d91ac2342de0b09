"""What the scripts of Table 2 share: flags, one run, its record."""

from __future__ import annotations

import dataclasses
import pathlib
import time
from collections.abc import Sequence
from typing import Any

from np_tf import quiet

with quiet.quiet_tensorflow(find_devices=False):
    import keras

from absl import flags
from absl import logging

import np_tf
from data_gen import load_tables
from reproduce import np_configs
from reproduce import np_evaluation
from reproduce import np_schedules
from reproduce import np_training
from reproduce import progress as progress_lib
from reproduce import run_record
from reproduce import screen
from reproduce import strategies
from reproduce import train_step as train_step_lib

NUM_FAILURES = 20  # How many wrong answers a record shows.

_RECIPE = flags.DEFINE_enum(
    "recipe", "fast", ["fast", "paper"], "How to train."
)
_SMOKE = flags.DEFINE_bool("smoke", False, "A run of seconds; learns nothing.")
_FROM_PRESET = flags.DEFINE_bool(
    "from_preset", False, "Take the trained preset instead of training."
)
_SEED = flags.DEFINE_integer("seed", 0, "Of weights, batches and noise.")
_DEVICE = flags.DEFINE_enum("device", "cpu", strategies.DEVICES, "Where.")
_WORKDIR = flags.DEFINE_string(
    "workdir",
    None,
    "Checkpoints, metrics, the trained model; "
    "workdir/<script>/<setting>-<recipe>-seed<n>.",
)
_TRAIN_STEPS = flags.DEFINE_integer(
    "train_steps", None, "Instead of the recipe's.", lower_bound=1
)
_SAVE_SECONDS = flags.DEFINE_float(
    "save_seconds", 20.0, "Time between two checkpoints.", lower_bound=0.0
)
_EXPORT = flags.DEFINE_bool("export", True, "Write the SavedModel, too.")
_RECORD = flags.DEFINE_bool(
    "record", False, "Write the record to reproduce/results, too."
)
# The paper searched a grid of these; unset, the recipe's.
_GRID = {
    "huber_delta": flags.DEFINE_float(
        "huber_delta", None, "delta of the paper's loss: 10, 25 or 50."
    ),
    "lookup_weight": flags.DEFINE_float(
        "lookup_weight", None, "lambda of it: 25, 50, 75 or 100."
    ),
    "clip_norm": flags.DEFINE_float(
        "clip_norm", None, "Gradient norm: 1, 5 or 50."
    ),
    "epsilon": flags.DEFINE_float("epsilon", None, "Adam's: 1e-6 or 1e-8."),
    "noise_eta": flags.DEFINE_float(
        "noise_eta", None, "Variance of the first step's noise; 0 for none."
    ),
}


def define_setting(names: Sequence[str]) -> Any:
    """Defines the flag `--setting` of a script.

    Args:
        names: The settings that the script has; all are run by default.
    """
    return flags.DEFINE_multi_enum(
        "setting", list(names), list(names), "Rows of Table 2; all of them."
    )


def run(experiment: str, names: Sequence[str]) -> None:
    """Trains and tests in every setting, as the flags say.

    Args:
        experiment: Name of the script.
        names: Of the settings.
    """
    screen.say_on_screen()
    strategy = strategies.make(_DEVICE.value)
    for name in names:
        Run(experiment, np_configs.SETTINGS[name], strategy).run()


@dataclasses.dataclass
class Data:
    """All splits of a setting.

    Attributes:
        train: Questions, tables and answers to train on; None with a preset.
        validation: To choose the weights by.
        test: One question for each template.
    """

    train: Any
    validation: Any
    test: Any


class Run:
    """One training of one setting.

    Args:
        experiment: Name of the script.
        setting: Which row of Table 2.
        strategy: Where.
        recipe: Instead of the one that the flag names.
    """

    def __init__(
        self,
        experiment: str,
        setting: Any,
        strategy: Any,
        recipe: str | None = None,
    ):
        self.experiment, self.setting = experiment, setting
        self.strategy = strategy
        self.seed = _SEED.value
        self.recipe = recipe or _RECIPE.value
        self.recipe += "-smoke" if _SMOKE.value else ""
        if _FROM_PRESET.value:
            self.recipe = "preset"
        self.started = time.monotonic()
        name = f"{setting.name}-{self.recipe}-seed{self.seed}"
        root = pathlib.Path(_WORKDIR.value or f"workdir/{experiment}")
        self.workdir = root / name

    def run(self) -> dict[str, Any]:
        """Trains, tests, exports; returns the metrics of the record."""
        logging.info("%s, recipe %s", self.setting.title, self.recipe)
        data = self._data()
        if _FROM_PRESET.value:
            config, trained, earlier = {}, {}, 0.0
            model = np_tf.NeuralProgrammer.from_preset(self.setting.name)
        else:
            config = self.config()
            model, trained, earlier = self._train(config, data)
            config = dataclasses.asdict(config)
            config |= {
                "encoder": self.setting.encoder,
                "device": _DEVICE.value,
                "num_replicas": self.strategy.num_replicas_in_sync,
            }
            if not strategies.is_chief(self.strategy):
                return {}
            model.save_to_preset(self.workdir / "preset")
        metrics = self._test(model, data.test) | trained | self.more()
        if _EXPORT.value:
            folder = np_tf.export_model(model, self.workdir / "export")
            logging.info("SavedModel: %s", folder)
        run_record.write_run(
            self.workdir,
            _RECORD.value,
            self.experiment,
            self.recipe,
            self.seed,
            config,
            time.monotonic() - self.started + earlier,
            metrics,
            self.setting.name,
        )
        return metrics

    def _data(self):
        limit = 400 if _SMOKE.value else None
        load = load_tables.load_tables
        name = self.setting.name
        train = None
        if not _FROM_PRESET.value:
            train = load("train", name, limit=limit)
        data = Data(
            train,
            load("validation", name, limit=limit),
            load("test", name, limit=limit),
        )
        seconds = time.monotonic() - self.started
        logging.info("data after %.1f s", seconds)
        return data

    def config(self) -> Any:
        """The recipe's, changed as the flags say."""
        config = np_configs.RECIPES[self.recipe]()
        chosen = {k: flag.value for k, flag in _GRID.items()}
        chosen["train_steps"] = _TRAIN_STEPS.value
        if not config.train_steps and not _TRAIN_STEPS.value:
            chosen["train_steps"] = self.setting.train_steps
        chosen = {k: v for k, v in chosen.items() if v is not None}
        known = {field.name for field in dataclasses.fields(config)}
        unknown = sorted(set(chosen) - known)
        if unknown:
            raise ValueError(
                f"{unknown[0]}: must be left out with recipe {self.recipe}, "
                f"which has none, got {chosen[unknown[0]]}"
            )
        return dataclasses.replace(config, **chosen)

    def _model(self, config):
        words = load_tables.vocabulary(self.setting.name).words
        letters = [word for word in words if len(word) == 1]
        entries = [word for word in words if word.startswith("word:")]
        loss = {
            name: getattr(config, name)
            for name in ("huber_delta", "lookup_weight")
            if hasattr(config, name)
        }
        return np_tf.NeuralProgrammer(
            words,
            letters,
            entries,
            hidden_dim=config.hidden_dim,
            num_steps=config.num_program_steps,
            encoder=self.setting.encoder,
            **loss,
        )

    def _train(self, config, data):
        """The model, what is recorded of training, seconds before a stop."""
        keras.utils.set_random_seed(self.seed)
        with self.strategy.scope():
            model = self._model(config)
            schedule = self._schedule(config, model, data.train)
            optimizer = schedule.optimizer()
            optimizer.build(model.trainable_variables)
        best = np_training.Best(model)
        identity = {
            "recipe": self.recipe,
            "seed": self.seed,
            "setting": self.setting.name,
            **dataclasses.asdict(config),
        }
        progress = progress_lib.Progress(
            self.workdir,
            model,
            optimizer,
            0.0,
            identity,
            strategies.is_chief(self.strategy),
            **best.tracked,
        )
        earlier = float(progress.seconds.numpy())
        if progress.step.numpy():
            logging.info("resuming at step %d", progress.step.numpy())
        step = train_step_lib.TrainStep(
            model, optimizer, schedule.loss, self.strategy
        )
        evaluator = np_evaluation.Evaluator(model)
        validation = data.validation.inputs(), data.validation.targets()
        seconds = np_training.train(
            step,
            schedule,
            progress,
            best,
            lambda: float(evaluator(*validation)[0].mean()),
            self.watch(evaluator, data.test),
            config.evaluate_every,
            _SAVE_SECONDS.value,
        )
        return model, self._trained(schedule, best, seconds), earlier

    def watch(self, evaluator: Any, test: Any) -> Any:
        """What is written beside validation accuracy; nothing here."""
        del evaluator, test

    def more(self) -> dict[str, Any]:
        """Further metrics of the record; none here."""
        return {}

    def _schedule(self, config, model, train):
        inputs, targets = train.inputs(), train.targets()
        if self.recipe.startswith("paper"):
            return np_schedules.PaperSchedule(
                config, inputs, targets, self.seed
            )
        text_ids = tuple(model.words.ids(model.text_symbols))
        started = time.monotonic()
        schedule = np_schedules.FastSchedule(
            config, inputs, targets, text_ids, self.seed
        )
        counts = schedule.candidates.counts
        logging.info(
            "programs found in %.1f s; %.1f %% of %d questions are trained on",
            time.monotonic() - started,
            100 * (counts > 0).mean(),
            len(counts),
        )
        return schedule

    def _trained(self, schedule, best, seconds):
        trained = {
            "train_seconds": round(seconds, 1),
            "validation_accuracy": float(best.accuracy.numpy()),
            "best_step": int(best.step.numpy()),
        }
        if hasattr(schedule, "candidates"):
            share = float((schedule.candidates.counts > 0).mean())
            trained["share_of_questions_trained_on"] = round(share, 4)
        return trained

    def _test(self, model, test):
        name = self.setting.name
        inputs, targets = test.inputs(), test.targets()
        right, programs = np_evaluation.Evaluator(model)(inputs, targets)
        limit = len(right) if _SMOKE.value else None
        gold, _, categories = load_tables.load_gold("test", name, limit=limit)
        by_category = np_evaluation.accuracy_by_category(right, categories)
        metrics = {
            "test_accuracy": float(right.mean()),
            "accuracy_by_category": by_category,
            "share_seen_in_training": load_tables.share_seen(name),
            "num_test_questions": len(right),
            "share_of_gold_programs": float(
                (programs["operations"] == gold).all(axis=1).mean()
            ),
            "failures": self._failures(model, inputs, right, programs),
        }
        _show(self.setting, metrics)
        return metrics

    def _failures(self, model, inputs, right, programs):
        names = model.operation_names
        shown = []
        for row in (~right).nonzero()[0][:NUM_FAILURES]:
            ids = inputs["question"][row]
            shown.append(
                {
                    "question": " ".join(
                        model.words.word(int(i)) for i in ids if i
                    ),
                    "numbers": inputs["numbers"][row].tolist(),
                    "operations": [
                        names[i] for i in programs["operations"][row]
                    ],
                    "columns": programs["columns"][row].tolist(),
                }
            )
        return shown


def _show(setting, metrics):
    print(f"\n{setting.title}: {metrics['num_test_questions']} questions")
    accuracy = metrics["test_accuracy"]
    print(f"  ours   {accuracy:8.2%}  (paper {setting.paper_accuracy:.2%})")
    for name, value in metrics["accuracy_by_category"].items():
        print(f"  {name:<12} {value:8.2%}")
    seen = metrics["share_seen_in_training"]
    print(
        f"  templates seen in training {seen:.2%} "
        f"(paper {setting.paper_seen:.2%})\n"
    )
