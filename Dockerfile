# syntax=docker/dockerfile:1
FROM swift:6.3-bookworm AS build
RUN apt-get update \
    && apt-get install --yes --no-install-recommends libexpat1-dev libgit2-dev libsqlite3-dev libzstd-dev make pkg-config \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /source
# Dependencies first: they change less often than the sources.
COPY Package.swift ./
RUN swift package resolve
COPY . .
RUN make release

FROM debian:bookworm-slim
RUN apt-get update \
    && apt-get install --yes --no-install-recommends \
        bash bubblewrap ca-certificates git git-lfs libexpat1 libgit2-1.5 libsqlite3-0 libzstd1 openssh-client util-linux \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home --uid 1000 runner \
    && install --directory --owner runner --group runner --mode 700 /var/lib/runner
COPY --from=build /source/dist/runner /usr/local/bin/runner
USER runner
ENV RUNNER_STATE=/var/lib/runner
VOLUME /var/lib/runner
WORKDIR /repository
# Most containers forbid user namespaces and overlays. Then the container is the sandbox: stages run in copied
# directories without one of their own, and each run says so.
ENTRYPOINT ["runner"]
# Without a command it serves; `docker run IMAGE local` and the others work as everywhere. See docs/server.md.
CMD ["serve"]
HEALTHCHECK --interval=30s --timeout=5s CMD ["runner", "status", "--json"]
