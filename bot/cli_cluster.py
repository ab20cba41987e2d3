"""The commands `kinogram cluster ...`, which print files that put Kinogram on a cluster."""

from collections.abc import Callable
from typing import Annotated

import typer

from bot.cluster import files
from bot.terminal import fail

_NUMBERS = files.Numbers()
MostNodes = Annotated[int, typer.Option(min=1, max=1024, help="GPU nodes at once.")]
IdleMinutes = Annotated[
    int, typer.Option(min=1, max=1440, help="After which a GPU node without a worker goes back.")
]
Gpus = Annotated[int, typer.Option(min=1, max=16, help="GPUs of a GPU node.")]
Cpus = Annotated[
    int | None, typer.Option(min=1, max=512, help="CPUs that its workers may use; 4 a GPU.")
]
Memory = Annotated[
    int | None, typer.Option(min=4, max=4096, help="GiB of memory for them; 48 a GPU.")
]
Models = Annotated[
    str, typer.Option(help="A folder that every node mounts, for one copy of the weights.")
]
cluster = typer.Typer(no_args_is_help=True, help="Print a file that puts Kinogram on a cluster.")


@cluster.command()
def aws(
    *,
    most_nodes: MostNodes = _NUMBERS.most_nodes,
    idle_minutes: IdleMinutes = _NUMBERS.idle_minutes,
    gpus: Gpus = _NUMBERS.gpus,
    cpus: Cpus = None,
    region: Annotated[str, typer.Option(help="Of AWS.")] = "us-east-1",
    head_type: Annotated[str, typer.Option(help="Instance type of the head.")] = "m7i.large",
    gpu_type: Annotated[
        str, typer.Option(help="Instance type of a GPU node, which has --gpus GPUs.")
    ] = "g6e.2xlarge",
    head_image: Annotated[
        str, typer.Option(help="Image of the head.")
    ] = "ami-REPLACE-WITH-UBUNTU-24.04",
    gpu_image: Annotated[
        str, typer.Option(help="Image of a GPU node.")
    ] = "ami-REPLACE-WITH-DEEP-LEARNING-BASE",
    models: Models = "",
) -> None:
    """Instances of AWS that come and go, for `ray up`."""
    _print(
        lambda: files.aws(
            _numbers(most_nodes, idle_minutes, gpus, cpus, None),
            region=region,
            head_type=head_type,
            gpu_type=gpu_type,
            head_image=head_image,
            gpu_image=gpu_image,
            models=models,
        )
    )


@cluster.command()
def ssh(
    *,
    head: Annotated[str, typer.Option(help="Address of the machine that runs the bot.")],
    worker: Annotated[
        list[str] | None, typer.Option(help="Address of a machine with GPUs; once for each.")
    ] = None,
    user: Annotated[str, typer.Option(help="Who may log in, and use sudo.")] = "ubuntu",
    key: Annotated[
        str, typer.Option(help="A private key of the cluster's own; the head gets a copy.")
    ] = "~/.ssh/id_ed25519",
    head_renders: Annotated[
        bool, typer.Option("--head-renders", help="The head's GPUs hold models too.")
    ] = False,
    models: Models = "",
) -> None:
    """Machines of one's own, for `ray up`."""
    _print(
        lambda: files.ssh(
            head, worker or (), user=user, key=key, head_renders=head_renders, models=models
        )
    )


@cluster.command()
def kuberay(
    *,
    image: Annotated[str, typer.Option(help="Made from `kinogram cluster image`.")],
    most_nodes: MostNodes = _NUMBERS.most_nodes,
    idle_minutes: IdleMinutes = _NUMBERS.idle_minutes,
    gpus: Gpus = _NUMBERS.gpus,
    cpus: Cpus = None,
    memory_gib: Memory = None,
    models_claim: Annotated[
        str, typer.Option(help="A volume claim (ReadWriteMany) for one copy of the weights.")
    ] = "",
) -> None:
    """Pods on Kubernetes, for `kubectl apply`."""
    numbers = _numbers(most_nodes, idle_minutes, gpus, cpus, memory_gib)
    _print(lambda: files.kuberay(numbers, image=image, models_claim=models_claim))


@cluster.command()
def image() -> None:
    """The image of those pods, for `docker build`."""
    _print(files.image)


def _numbers(
    most_nodes: int, idle_minutes: int, gpus: int, cpus: int | None, memory_gib: int | None
) -> files.Numbers:
    return files.Numbers(
        most_nodes=most_nodes,
        idle_minutes=idle_minutes,
        gpus=gpus,
        cpus=cpus or _NUMBERS.cpus * gpus,
        memory_gib=memory_gib or _NUMBERS.memory_gib * gpus,
    )


def _print(write: Callable[[], str]) -> None:
    try:
        typer.echo(write(), nl=False)
    except files.ClusterRejected as error:
        raise fail(error) from None
