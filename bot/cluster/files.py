"""Cluster files for AWS, for machines reached over SSH, and for KubeRay.

The versions are those that this very installation has: Ray's nodes speak with one another, and
with whoever starts them, in one version of Ray and of Python.
"""

import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from ipaddress import ip_address
from pathlib import Path
from string import Template

AWS_FILE, SSH_FILE, KUBERAY_FILE = "ray_cluster.yaml", "machines.yaml", "kinogram.yaml"
_FOLDER = Path(__file__).parent
_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?", re.IGNORECASE)
_WORD = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._:/@-]*")
_USER = re.compile(r"[a-z_][a-z0-9_-]*")
_OWN_CACHE = (
    "Each GPU node downloads them into the Hugging Face cache of its own disk when it\n"
    "# first loads the model. With --models FOLDER all share one copy in a folder that you mount."
)


class ClusterRejected(Exception):
    """A cluster cannot be made like this; the text says what is wrong."""


class _Text(Template):
    """A text with @{name} in it; the shell's own $ stays."""

    delimiter = "@"


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """What a cluster has: one head, and GPU nodes that are alike.

    most_nodes: GPU nodes at once; none are kept without work.
    idle_minutes: after which a GPU node without a worker goes back. The bot ends workers that had
        no job for KINOGRAM_IDLE_MINUTES; this comes on top.
    cpus, gpus, memory_gib: of a GPU node, as far as the workers on it may use them. 4 CPUs a GPU
        is what each model in the catalog asks for.
    gpu_disk_gb: for the system, the packages and the weights; head_disk_gb: for clips too.
    """

    most_nodes: int = 4
    idle_minutes: int = 2
    gpus: int = 1
    cpus: int = 4
    memory_gib: int = 48
    gpu_disk_gb: int = 200
    head_cpus: int = 2
    head_memory_gib: int = 8
    head_disk_gb: int = 100

    @property
    def most_workers(self) -> int:
        """Workers of one GPU each that fill the nodes: KINOGRAM_WORKERS."""
        return self.most_nodes * self.gpus


def aws(
    numbers: Numbers,
    *,
    region: str = "us-east-1",
    head_type: str = "m7i.large",
    gpu_type: str = "g6e.2xlarge",
    head_image: str = "ami-REPLACE-WITH-UBUNTU-24.04",
    gpu_image: str = "ami-REPLACE-WITH-DEEP-LEARNING-BASE",
    models: str = "",
) -> str:
    """A file for `ray up` that makes the cluster of EC2 instances.

    models: a folder that every node mounts; "" for none.
    Raises: ClusterRejected.
    """
    for word in (region, head_type, gpu_type, head_image, gpu_image):
        _check(_WORD, word, "a word of AWS")
    return _launched(
        "aws",
        numbers,
        file=AWS_FILE,
        user="ubuntu",
        models=models,
        head_renders=False,
        head_more='"boto3<2" ',
        head_settings="",
        network=" (Ray's default security group lets\n# in SSH, and the nodes among each other, "
        "and nothing else)",
        region=region,
        head_type=head_type,
        gpu_type=gpu_type,
        head_image=head_image,
        gpu_image=gpu_image,
    )


def ssh(
    head: str,
    workers: Sequence[str],
    *,
    user: str,
    key: str,
    head_renders: bool = False,
    models: str = "",
) -> str:
    """A file for `ray up` that makes the cluster of machines that run already.

    head, workers: addresses at which these machines reach each other.
    head_renders: whether the head's CPUs and GPUs hold models too.
    Raises: ClusterRejected.
    """
    _check(_USER, user, "a user of Linux")
    _check(re.compile(r"[~/][\w./-]*"), key, "the path of a key")
    for address in (head, *workers):
        _check_address(address)
    if len({head, *workers}) <= len(workers):
        raise ClusterRejected("Each machine is named once; the head is none of the workers.")
    if not workers and not head_renders:
        raise ClusterRejected("Somebody has to hold the model: name workers, or let the head.")
    return _launched(
        "ssh",
        Numbers(),
        file=SSH_FILE,
        user=user,
        models=models,
        head_renders=head_renders,
        head_more="",
        # Ray 2.60's newer autoscaler, the launcher's default, never starts workers over SSH: only
        # the older one notes that the head runs (record_local_head_state_if_needed).
        head_settings=" RAY_enable_autoscaler_v2=0",
        network="",
        head=head,
        workers=", ".join(workers),
        key=key,
    )


def kuberay(numbers: Numbers, *, image: str, models_claim: str = "") -> str:
    """A manifest for `kubectl apply` with a RayCluster, its disk and its network policy.

    image: as made from image().
    models_claim: a volume claim that many pods can write to at once; "" for none.
    Raises: ClusterRejected.
    """
    _check(_WORD, image, "the name of an image")
    volume = "emptyDir: {}"
    weights = (
        "Each GPU pod downloads them into a folder of its own when it first loads the\n"
        "# model. With --models-claim NAME all share one copy in a volume of yours (ReadWriteMany)."
    )
    more = {"models_setting": "", "models_mount": "", "models_volume": ""}
    if models_claim:
        _check(_HOST, models_claim, "the name of a volume claim")
        volume = f"persistentVolumeClaim: {{claimName: {models_claim}}}"
        weights = (
            f"The volume claim {models_claim} (ReadWriteMany) has them for all: whoever needs\n"
            "# them first downloads them, and NAME/model_index.json in it is used before that."
        )
        more = {
            "models_setting": "\n              - {name: KINOGRAM_MODELS_DIR, value: /models}",
            "models_mount": "\n              - {name: models, mountPath: /models}",
            "models_volume": f"\n          - {{name: models, {volume}}}",
        }
    return _fill(
        "kuberay.yaml",
        numbers,
        file=KUBERAY_FILE,
        image=image,
        idle_seconds=str(numbers.idle_minutes * 60),
        weights=weights,
        models=volume,
        cache="/models/huggingface",
        **more,
    )


def image() -> str:
    """A Dockerfile for the pods of kuberay()."""
    return _fill("Dockerfile", Numbers())


def _launched(
    name: str,
    numbers: Numbers,
    *,
    file: str,
    user: str,
    models: str,
    head_renders: bool,
    head_settings: str,
    network: str,
    **more: str,
) -> str:
    """A file for Ray's cluster launcher: its own beginning, and what all have alike."""
    home = "/root" if user == "root" else f"/home/{user}"
    weights, cache, models_setting = _OWN_CACHE, "", ""
    if models:
        _check(re.compile(r"/[\w./-]+"), models, "the path of a folder")
        weights = (
            f"{models}, which every node mounts, has them for all: whoever needs them first\n"
            "# downloads them, and NAME/model_index.json in it is used before that."
        )
        cache = f" HF_HOME={models}/huggingface"
        models_setting = f" --setenv KINOGRAM_MODELS_DIR={models}"
    here = {"file": file, "user": user, "home": home}
    launcher = _fill(
        "launcher.yaml",
        numbers,
        cache=cache,
        models_setting=models_setting,
        head_settings=head_settings + (cache if head_renders else ""),
        head_torch="auto" if head_renders else "cpu",
        head_resources="" if head_renders else "--num-cpus=0 --num-gpus=0 ",
        head_install="The bot and the model."
        if head_renders
        else "The bot, which never loads a model: torch without the gigabytes of CUDA.",
        **here,
        **more,
    )
    operating = _fill("operating.txt", numbers, weights=weights, network=network, **here)
    texts = {"operating": operating.rstrip("\n"), "launcher": launcher.rstrip("\n")}
    return _fill(f"{name}.yaml", numbers, **here, **texts, **more)


def _fill(name: str, numbers: Numbers, **words: str) -> str:
    text = _Text((_FOLDER / name).read_text(encoding="utf-8"))
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    return text.substitute(
        {field: str(getattr(numbers, field)) for field in Numbers.__slots__},
        most_workers=str(numbers.most_workers),
        ray=version("ray"),
        python=python,
        python_digits=python.replace(".", ""),
        **words,
    )


def _check(pattern: re.Pattern[str], text: str, what: str) -> None:
    """Refuse what a YAML file or a shell would read as something else."""
    if not pattern.fullmatch(text):
        raise ClusterRejected(f"{text!r} is not {what}.")


def _check_address(text: str) -> None:
    try:
        ip_address(text)
    except ValueError:
        _check(_HOST, text, "an address of a machine")
