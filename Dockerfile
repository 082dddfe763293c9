# syntax=docker/dockerfile:1
# The service with its solver and page assets; no compiler, no development tools, no root.

FROM python:3.11-slim-bookworm AS base
ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
WORKDIR /app

FROM base AS build
ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_NO_CACHE=1
COPY requirements-setup.lock requirements.lock requirements-assets.lock ./
RUN python -m venv /opt/uv \
    && /opt/uv/bin/python -m pip install --no-cache-dir --require-hashes --requirement requirements-setup.lock \
    && python -m venv --without-pip .venv \
    && /opt/uv/bin/uv pip install --python .venv/bin/python --require-hashes --requirement requirements.lock \
    && /opt/uv/bin/uv pip install --python .venv/bin/python --require-hashes --no-deps --target .venv/assets \
        --requirement requirements-assets.lock
COPY service service
RUN .venv/bin/python -m service.web.assets

FROM base AS final
RUN groupadd --gid 10001 market \
    && useradd --uid 10001 --gid market --no-create-home --shell /usr/sbin/nologin market \
    && install --directory --owner market --group market /app/var
COPY --from=build /app/.venv .venv
COPY alembic.ini LICENSE* NOTICE* ./
COPY migrations migrations
COPY openapi openapi
COPY service service
COPY solver solver
ENV PATH=/app/.venv/bin:$PATH MARKET_HOST=0.0.0.0 MARKET_PORT=8000 MARKET_LOG_JSON=true
USER 10001:10001
VOLUME /app/var
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=4 \
    CMD ["python", "-c", "import os, urllib.request as u; u.urlopen('http://127.0.0.1:' + (os.environ.get('PORT') or os.environ['MARKET_PORT']) + '/health', timeout=4)"]
STOPSIGNAL SIGTERM
CMD ["python", "-m", "service", "serve"]
