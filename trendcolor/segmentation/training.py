"""Training: labelled photos to a weights file, seeded and resumable."""

import json
import logging
import math
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from trendcolor.config import ImagesConfig, TrainConfig, TrainingConfig
from trendcolor.datasets.reference import PhotoRef
from trendcolor.errors import ConfigError, MaskError
from trendcolor.images.decode import open_photo
from trendcolor.segmentation.augmentation import COMPANY, Sample, Window, augment, with_company
from trendcolor.segmentation.confusion import Confusion, confusion, no_confusion
from trendcolor.segmentation.finishing import KEPT, finish
from trendcolor.segmentation.network import (
    Core,
    build_network,
    encoder_of,
    freeze_encoder,
    load_encoder,
    load_start,
    save_network,
)
from trendcolor.segmentation.runtimes import set_threads, threads
from trendcolor.segmentation.segmenter import ModelCard, Segmenter
from trendcolor.segmentation.teaching import teach
from trendcolor.segmentation.torch_runtime import TorchRuntime
from trendcolor.segmentation.weights import NetworkSpec, weights_hash
from trendcolor.taxonomy import CLASSES, IGNORE, TOP

_LOG = logging.getLogger(__name__)
_WARM_UP = 0.05  # of all steps: the learning rate rises
_LOVASZ_WEIGHT = 0.75  # beside cross-entropy's 1
_AHEAD = 3  # batches that are read while one is learned from


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingResult:
    """Where the weights are and how good they were on the validation photos."""

    weights: Path
    sha256: str
    epoch: int  # of the kept weights, from 1
    confusion: Confusion


def train(
    config: TrainConfig,
    photos: Sequence[PhotoRef],
    validation: Sequence[PhotoRef],
    unlabelled: Sequence[PhotoRef] = (),
) -> TrainingResult:
    """Train the network and keep the weights of the best validation garment IoU.

    A training that was broken off goes on from its last epoch. `config.out` gets
    `weights.safetensors` (the best; at the end `weights.onnx` too), `metrics.jsonl` (a line an
    epoch) and `checkpoint.pt`, the state to resume from.

    Args:
        config: The settings; `config.training.seed` fixes every random choice.
        photos: Labelled photos to learn from.
        validation: Labelled photos, none of them among the others, scored at their own size.
        unlabelled: Photos that `config.teacher` labels first, into `config.out/taught`.

    Raises:
        ConfigError: photos without label maps, or a folder that holds another training.
        ModelError: the encoder's start weights or the teacher's don't fit.
    """
    _check_photos(photos, validation, unlabelled)
    config.out.mkdir(parents=True, exist_ok=True)
    trainer = _Trainer(config, len(photos) + len(unlabelled))
    trainer.resume()
    if config.teacher is not None:
        photos = [*photos, *teach(config.teacher, unlabelled, config.out / "taught")]
    while trainer.epoch < config.training.epochs:
        started = time.monotonic()
        loss = trainer.learn(photos)
        last = trainer.epoch == config.training.epochs
        scores = None
        if last or trainer.epoch % config.training.validate_every == 0:
            scores = trainer.validate(validation)
        trainer.keep(loss, scores, time.monotonic() - started)
    weights = config.out / "weights.safetensors"
    finish(config, photos, weights)
    return TrainingResult(
        weights=weights,
        sha256=weights_hash(weights),
        epoch=trainer.best_epoch,
        confusion=Confusion(np.array(trainer.best_counts)),
    )


def _check_photos(
    photos: Sequence[PhotoRef], validation: Sequence[PhotoRef], unlabelled: Sequence[PhotoRef]
) -> None:
    bare = [ref.id for ref in (*photos, *validation) if ref.labels is None]
    if bare:
        raise ConfigError(f"{len(bare)} photos have no label map, first {bare[0]}")
    both = {ref.file for ref in (*photos, *unlabelled)} & {ref.file for ref in validation}
    if both:
        first = min(file.place for file in both)
        raise ConfigError(f"{len(both)} photos are learned from and validated on: {first}")


def read_sample(ref: PhotoRef, images: ImagesConfig) -> Sample:
    """A labelled photo at full size.

    Raises:
        TrendColorError: the photo or its label map can't be read.
    """
    if ref.labels is None:
        raise MaskError(f"{ref.id}: no label map")
    photo = open_photo(ref.file, images)
    return Sample(photo.rgb, ref.labels.read(photo.height, photo.width))


class _Trainer:
    """The state of a training between epochs."""

    def __init__(self, config: TrainConfig, n_photos: int) -> None:
        self.config = config
        self.settings = config.training
        self.images = ImagesConfig(work_pixels=ImagesConfig().max_pixels)
        torch.manual_seed(self.settings.seed)
        set_threads(self.settings.threads)
        torch.set_num_threads(threads())
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        model = config.model
        self.spec = NetworkSpec(
            architecture=model.architecture,
            encoder=model.encoder,
            height=model.height,
            width=model.width,
            decoder=model.decoder,
            margin=model.margin,
        )
        network = build_network(self.spec)
        if model.encoder_weights is not None:
            load_encoder(network, model.encoder_weights)
        if model.start is not None:
            load_start(network, self.spec, model.start)
        freeze_encoder(network, self.settings.frozen)
        self.network = network.to(self.device, memory_format=torch.channels_last)  # type: ignore[call-overload] # torch
        self.average = AveragedModel(
            self.network,
            multi_avg_fn=get_ema_multi_avg_fn(self.settings.average),  # type: ignore[no-untyped-call] # torch
            use_buffers=True,
        )
        self.steps = math.ceil(n_photos / self.settings.batch)
        self.optimizer = _optimizer(self.network, self.settings)
        self.schedule = _schedule(self.optimizer, self.steps * self.settings.epochs)
        self.loss = _Loss().to(self.device)
        self.epoch = 0
        self.best = -1.0
        self.best_epoch = 0
        self.best_counts: list[list[int]] = []

    def learn(self, photos: Sequence[PhotoRef]) -> float:
        """One epoch; its mean loss."""
        self.network.train()
        if self.settings.frozen:
            encoder_of(self.network).eval()  # its batch norm stays, its parameters still learn
        losses = []
        for batch in self._batches(photos):
            with torch.autocast(
                self.device.type, torch.bfloat16, enabled=self.settings.precision == "bfloat16"
            ):
                logits = self.network(_planes(batch.rgb).to(self.device))
            loss = self.loss(logits, torch.from_numpy(batch.labels).long().to(self.device))
            self.optimizer.zero_grad()
            loss.backward()
            self.optimizer.step()
            self.schedule.step()
            self.average.update_parameters(self.network)
            losses.append(loss.item())
        self.epoch += 1
        return float(np.mean(losses))

    def _batches(self, photos: Sequence[PhotoRef]) -> Iterator[Sample]:
        """Random views of all photos once, read ahead in threads, the same for the same seed."""
        order = np.random.default_rng((self.settings.seed, self.epoch)).permutation(len(photos))
        window = Window(
            height=self.spec.height,
            width=self.spec.width,
            crop_height=self.settings.crop_height,
            crop_width=self.settings.crop_width,
            is_calm=self.epoch >= self.settings.epochs - self.settings.calm_epochs,
        )
        company = 0.0 if window.is_calm else COMPANY

        def view(place: int) -> Sample:
            random = np.random.default_rng((self.settings.seed, self.epoch, place))
            sample = read_sample(photos[order[place]], self.images)
            if random.random() < company:
                beside = photos[int(random.integers(len(photos)))]
                sample = with_company(sample, read_sample(beside, self.images), random)
            return augment(sample, window, random)

        ahead = _AHEAD * self.settings.batch
        with ThreadPoolExecutor(max_workers=2) as pool:
            views = [pool.submit(view, i) for i in range(min(ahead, len(order)))]
            for start in range(0, len(order), self.settings.batch):
                batch = [view.result() for view in views[: self.settings.batch]]
                del views[: self.settings.batch]
                reach = range(start + ahead, min(start + ahead + self.settings.batch, len(order)))
                views.extend(pool.submit(view, i) for i in reach)
                if len(batch) > 1 or self.steps == 1:  # batch norm learns nothing from one photo
                    yield Sample(
                        np.stack([view.rgb for view in batch]),
                        np.stack([view.labels for view in batch]),
                    )

    def validate(self, validation: Sequence[PhotoRef]) -> Confusion:
        """The averaged weights scored on whole photos at their own size."""
        network = self.average.module.eval()
        card = ModelCard(
            name="",
            sha256="",
            height=self.spec.height,
            width=self.spec.width,
            margin=self.spec.margin,
        )
        segmenter = Segmenter(TorchRuntime(Core(network)), card)
        counts = no_confusion()
        for ref in validation:
            sample = read_sample(ref, self.images)
            counts += confusion(sample.labels, segmenter.label_map(sample.rgb))
        return counts

    def keep(self, loss: float, scores: Confusion | None, seconds: float) -> None:
        """Write the log line, the best weights and the state to resume from."""
        line: dict[str, float | int] = {"epoch": self.epoch, "loss": loss, "seconds": seconds}
        if scores is not None:
            line |= {
                "garment_iou": scores.garment_iou,
                "garment_purity": scores.garment_purity,
                "garment_recall": scores.garment_recall,
                "mean_iou": scores.mean_iou,
            }
            iou = 0.0 if math.isnan(scores.garment_iou) else scores.garment_iou
            if iou > self.best:
                self.best, self.best_epoch = iou, self.epoch
                self.best_counts = scores.counts.tolist()
                save_network(self.average.module, self.spec, self.config.out / KEPT)
        with (self.config.out / "metrics.jsonl").open("a") as log:
            log.write(json.dumps(line) + "\n")
        self._checkpoint()
        left = seconds * (self.settings.epochs - self.epoch) / 60
        figures = ", ".join(f"{k} {v:.3f}" for k, v in line.items() if isinstance(v, float))
        _LOG.info("epoch %d/%d: %s, %.0f min left", self.epoch, self.settings.epochs, figures, left)

    def _settings_text(self) -> str:
        """All that the weights depend on: not what only predicting does."""
        model = replace(self.config.model, margin=0.0, predict_height=0, predict_width=0, blend=0.0)
        return json.dumps(asdict(replace(self.config, model=model)), default=str, sort_keys=True)

    def _checkpoint(self) -> None:
        state = {
            "settings": self._settings_text(),
            "epoch": self.epoch,
            "best": (self.best, self.best_epoch, self.best_counts),
            "network": self.network.state_dict(),
            "average": self.average.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "schedule": self.schedule.state_dict(),
            "random": [torch.get_rng_state(), *torch.cuda.get_rng_state_all()],  # of dropout
        }
        aside = self.config.out / "checkpoint.part"
        torch.save(state, aside)
        aside.replace(self.config.out / "checkpoint.pt")

    def resume(self) -> None:
        """Go on from the folder's checkpoint, if there is one of the same settings."""
        path = self.config.out / "checkpoint.pt"
        if not path.exists():
            (self.config.out / "metrics.jsonl").unlink(missing_ok=True)
            return
        state = torch.load(path, map_location=self.device, weights_only=True)
        if state["settings"] != self._settings_text():
            raise ConfigError(f"{path} is of other settings; remove it or change `out`")
        self.epoch = state["epoch"]
        self.best, self.best_epoch, self.best_counts = state["best"]
        self.network.load_state_dict(state["network"])
        self.average.load_state_dict(state["average"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.schedule.load_state_dict(state["schedule"])
        if "random" in state:  # else the dropout of the epochs to come is another, as good
            processor, *devices = (random.cpu() for random in state["random"])
            torch.set_rng_state(processor)
            torch.cuda.set_rng_state_all(devices[: torch.cuda.device_count()])
        _LOG.info("resumed after epoch %d", self.epoch)


def _planes(rgb: NDArray[np.uint8]) -> torch.Tensor:
    """A stack of photos, (n, height, width, 3), as the network's input."""
    planes = torch.from_numpy(np.ascontiguousarray(rgb)).permute(0, 3, 1, 2)
    return planes.float().div_(127.5).sub_(1).contiguous(memory_format=torch.channels_last)


def _optimizer(network: nn.Module, settings: TrainingConfig) -> torch.optim.Optimizer:
    known = {id(p) for p in encoder_of(network).parameters()}
    learning = [p for p in network.parameters() if p.requires_grad]
    encoder = [p for p in learning if id(p) in known]
    rest = [p for p in learning if id(p) not in known]
    rate = settings.learning_rate
    groups = [{"params": encoder, "lr": rate / 3}, {"params": rest, "lr": rate}]
    return torch.optim.AdamW(groups, weight_decay=settings.weight_decay)


def _schedule(optimizer: torch.optim.Optimizer, steps: int) -> torch.optim.lr_scheduler.LRScheduler:
    """A short rise, then a cosine fall to a hundredth."""

    def factor(step: int) -> float:
        rise = max(1, int(_WARM_UP * steps))
        if step < rise:
            return (step + 1) / rise
        fall = min(1.0, (step - rise) / max(1, steps - rise))
        return 0.01 + 0.99 * (1 + math.cos(math.pi * fall)) / 2

    return torch.optim.lr_scheduler.LambdaLR(optimizer, factor)


class _Loss(nn.Module):
    """Cross-entropy with rare classes raised, plus a surrogate of one minus the mean IoU.

    Taken over each second row and column of the full-size logits, the surrogate over each fourth:
    fewer pixels teach as much, since neighbors agree, at a fraction of the cost.
    """

    def __init__(self) -> None:
        super().__init__()
        # Rarer classes weigh more, by hand; background weighs 1.
        weight = torch.tensor([1.0, 1.2, 1.2, 1.1, 1.1, 1.3, 1.1, 1.6, 1.6, 1.3, 1.4, 2.0, 2.0])
        self.weight = nn.Buffer(weight)

    def forward(self, logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        logits, labels = logits[:, :, 1::2, ::2].float(), labels[:, 1::2, ::2]
        entropy = nn.functional.cross_entropy(logits, labels, self.weight, ignore_index=IGNORE)
        likely = logits[:, :, ::2, 1::2].softmax(1)
        return entropy + _LOVASZ_WEIGHT * lovasz_loss(likely, labels[:, ::2, 1::2])


def lovasz_loss(likely: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """The Lovasz extension of one minus IoU, mean over the classes in the batch and all garments.

    Berman, Triki and Blaschko, "The Lovasz-Softmax loss", CVPR 2018. All garments together count
    as one more class, since their outline matters to color before their names do.

    Args:
        likely: Class probabilities, (n, classes, height, width).
        labels: Class ids, (n, height, width); `IGNORE` takes no part.
    """
    known = labels != IGNORE
    likely, labels = likely.movedim(1, -1)[known], labels[known]
    likely = torch.cat([likely, likely[:, TOP:].sum(1, keepdim=True)], 1)  # (pixels, classes + 1)
    true = nn.functional.one_hot(labels, len(CLASSES) + 1).to(likely.dtype)
    true[:, -1] = labels >= TOP
    present = true.sum(0) > 0
    likely, true = likely[:, present], true[:, present]
    error, order = (true - likely).abs().sort(0, descending=True)
    true = true.gather(0, order)
    union = true.sum(0) + (1 - true).cumsum(0)
    jaccard = 1 - (true.sum(0) - true.cumsum(0)) / union
    step = torch.cat([jaccard[:1], jaccard[1:] - jaccard[:-1]])
    return (error * step).sum(0).mean()
