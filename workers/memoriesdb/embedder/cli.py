"""`memoriesdb embedder serve` and `memoriesdb embedder build`."""

import logging
import os
import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from memoriesdb.console import Commands
from memoriesdb.embedder.builder import build as build_model
from memoriesdb.embedder.errors import EmbedderError
from memoriesdb.embedder.reranking import KEY_VARIABLE, Upstream
from memoriesdb.embedder.server import DEFAULT_PORT
from memoriesdb.embedder.server import serve as serve_model

app = Commands(
    name="embedder",
    help="A local embedding model for machines without Ollama.",
)

CacheDir = Annotated[
    Path | None,
    typer.Option(
        metavar="DIR",
        help="Where the built model is kept: by default MEMORIESDB_CACHE_DIR, else "
        "~/.cache/memoriesdb.",
    ),
]
Threads = Annotated[int, typer.Option(min=0, help="Texts run side by side; 0: one a core.")]


@app.command(
    examples=(
        "memoriesdb embedder serve --port 11435",
        """curl localhost:11435/api/embed -d '{"model": "all-minilm", "input": "hi"}'""",
        "memoriesdb embedder serve --rerank-upstream http://127.0.0.1:8080 --rerank-protocol tei",
    )
)
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0: a free port.")] = DEFAULT_PORT,
    cache_dir: CacheDir = None,
    threads: Threads = 0,
    ready_file: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="File that holds the URL while the server answers."),
    ] = None,
    rerank_upstream: Annotated[
        str,
        typer.Option(
            metavar="URL",
            help="Address of a cross-encoder that POST /rerank hands requests on to; without one "
            "it answers 501. Its key is taken from MEMORIESDB_RERANK_API_KEY.",
        ),
    ] = "",
    rerank_protocol: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help="What it speaks: cohere (Jina's too) or tei (text-embeddings-inference).",
        ),
    ] = "cohere",
    rerank_model: Annotated[
        str, typer.Option(metavar="NAME", help="Its model; by default what a request names.")
    ] = "",
    rerank_timeout: Annotated[
        float, typer.Option(min=0.1, max=60, help="How long it may take, in seconds.")
    ] = 10.0,
    verbose: Annotated[
        bool, typer.Option("--verbose", help="Log every request, never its text.")
    ] = False,
) -> None:
    """Serve the local model with Ollama's /api/embed and OpenAI's /v1/embeddings.

    And, where it is given the address of a cross-encoder, /rerank.
    """
    logging.basicConfig(
        stream=sys.stderr,
        level=logging.DEBUG if verbose else logging.INFO,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )
    try:
        reranker = None
        if rerank_upstream:
            key = os.environ.get(KEY_VARIABLE) or None
            reranker = Upstream(rerank_upstream, rerank_protocol, rerank_model, rerank_timeout, key)
        serve_model(
            host, port, cache_dir, threads=threads, reranker=reranker, ready_file=ready_file
        )
    except EmbedderError as error:
        _fail(error)


@app.command(examples=("memoriesdb embedder build --cache-dir /var/cache/memoriesdb",))
def build(cache_dir: CacheDir = None) -> None:
    """Build the local model ahead of its first use and check it against reference vectors."""
    try:
        typer.echo(build_model(cache_dir, lambda message: typer.echo(message, err=True)))
    except EmbedderError as error:
        _fail(error)


def _fail(error: EmbedderError) -> NoReturn:
    typer.echo(str(error), err=True)
    raise typer.Exit(1) from error
