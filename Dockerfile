# The Node version that package.json pins for development, so that figures from a container are comparable.
ARG NODE_VERSION=26.10.0

FROM node:${NODE_VERSION}-bookworm-slim AS base
WORKDIR /app
ENV NODE_ENV=production

# No install scripts: no dependency needed here has one, and the image provides the pinned runtime.
FROM base AS dependencies
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund

# One replica of one arm: its settings come from the environment and a mounted secrets file.
FROM base AS replica
COPY --from=dependencies /app/node_modules node_modules
COPY package.json ./
COPY servers servers
USER node
EXPOSE 3000
CMD ["node", "servers/process/replica.ts", "--standalone"]

# The harness: starts its own replicas and its own Redis inside one container, or loads those of other containers.
FROM base AS bench
RUN apt-get update \
  && apt-get install -y --no-install-recommends redis-server \
  && rm -rf /var/lib/apt/lists/*
COPY --from=dependencies /app/node_modules node_modules
COPY package.json package-lock.json ./
COPY servers servers
COPY bench bench
COPY cli cli
COPY containers containers
COPY core core
COPY regression regression
COPY target target
COPY reports reports
COPY scripts scripts
RUN mkdir results && chown node:node results
ENV TOLLGATE_NO_INSTALL=1
USER node
CMD ["node", "cli/start.js", "bench"]
