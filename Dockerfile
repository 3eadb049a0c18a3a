# What docker-compose.yml runs: dbt, the generators and the project. Only `make build` is served
# here; tests, docs and benchmarks need requirements-dev.txt and run outside of a container.
FROM python:3.11-slim

# --no-deps: the requirement file names every package (see DECISIONLOG.md)
COPY requirements.txt /tmp/requirements.txt
RUN pip install --no-cache-dir --no-deps --requirement /tmp/requirements.txt

# A user of its own. A new volume takes over the owner of the folder that it is mounted on.
RUN useradd --create-home flette \
    && mkdir /flette /simulated \
    && chown flette /flette /simulated
USER flette
WORKDIR /flette
COPY --chown=flette . .

ENV DBT_PROFILES_DIR=/flette/profiles \
    DBT_PROJECT_DIR=/flette \
    PYTHONUNBUFFERED=1
CMD ["dbt", "build", "--select", "tv1", "--target", "postgres"]
