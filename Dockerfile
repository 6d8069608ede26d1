# The broker as an image:
#
#   docker build -t broker .
#   docker run -p 127.0.0.1:1883:1883 -p 127.0.0.1:8080:8080 -v broker:/data -e Admin__AllowPlainHttp=true -e Mqtt__Users__0__Name=… -e Mqtt__Users__0__Password=… broker
#
# Versions are pinned: raise them here, together with global.json where the SDK's band changes.

# MQTT.js for the page /client. A stage of its own: the SDK's image has no Node.js, and needs none if the packages are there.
FROM node:24.19.0-bookworm-slim AS packages
WORKDIR /source
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund --no-update-notifier

FROM mcr.microsoft.com/dotnet/sdk:10.0.400-noble AS build
WORKDIR /source
ENV DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
# The projects first: NuGet's packages are fetched again only when these change, not with every line of code.
COPY global.json Directory.Build.props Directory.Packages.props ./
COPY Broker.Core/Broker.Core.csproj Broker.Core/
COPY Broker.Web/Broker.Web.csproj Broker.Web/StaticAssets.targets Broker.Web/
# Compiled ahead for the processor that builds it, so that it starts in seven tenths of the time.
RUN dotnet restore Broker.Web --arch $(dpkg --print-architecture | sed s/armhf/arm/) -p:PublishReadyToRun=true
COPY Broker.Core/ Broker.Core/
COPY Broker.Web/ Broker.Web/
COPY wwwroot/ wwwroot/
COPY package.json package-lock.json ./
COPY --from=packages /source/node_modules/ node_modules/
# Without the touch, packages from an older layer would count as older than their lock file, and the build would ask for Node.js.
RUN touch node_modules/.package-lock.json \
 && dotnet publish Broker.Web -c Release --no-restore --arch $(dpkg --print-architecture | sed s/armhf/arm/) --no-self-contained -p:PublishReadyToRun=true -o /app \
 && mkdir /data

FROM mcr.microsoft.com/dotnet/aspnet:10.0.11-noble
WORKDIR /app
COPY --from=build /app/ ./
# What SQLite keeps. A volume takes over the owner of the folder that it is mounted on.
COPY --from=build --chown=$APP_UID:$APP_UID /data/ /data/
VOLUME /data

# A published port ends at the container's own address, not at its loopback. Clients therefore come from elsewhere, and are let in by name only: set
# Mqtt__Users__0__Name and Mqtt__Users__0__Password, or Mqtt__Listeners__0__AllowAnonymous=true where only those can reach the port who may.
ENV Mqtt__Listeners__0__Url=mqtt://*:1883 \
    ASPNETCORE_HTTP_PORTS=8080 \
    ConnectionStrings__Broker="Data Source=/data/broker.db"
EXPOSE 1883 8080

USER $APP_UID
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=3 CMD ["dotnet", "Broker.Web.dll", "health"]
ENTRYPOINT ["dotnet", "Broker.Web.dll"]
