package io.millrace.standalone.helm.pods;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/**
 * A pod with one container, after those of its {@code initContainers}: started, probed, stopped.
 * Not thread-safe.
 */
public final class Pod implements AutoCloseable {
  private final JsonNode specification;
  private final JsonNode container;
  private final String name;
  private final String engineName;
  private String address = "";

  /** How a container ended. */
  public record End(int status, String log) {}

  private Pod(JsonNode specification, String name, String engineName) {
    this.specification = specification;
    this.container = specification.at("/containers/0");
    this.name = name;
    this.engineName = engineName;
  }

  /** Starts a pod; its init containers have ended well when this returns. */
  static Pod start(
      JsonNode specification,
      String name,
      String prefix,
      String network,
      List<String> services,
      Volumes volumes) {
    if (specification.path("containers").size() != 1) {
      throw new IllegalStateException(name + " does not have one container");
    }
    Map<String, Path> directories = new LinkedHashMap<>();
    for (JsonNode volume : specification.path("volumes")) {
      String volumeName = volume.path("name").asString();
      directories.put(volumeName, volumes.directory(specification, volumeName));
    }
    Pod pod = new Pod(specification, name, prefix + name);
    int number = 0;
    for (JsonNode init : specification.path("initContainers")) {
      String initName = pod.engineName + "-init-" + number++;
      run(
          new PodContainer(specification, init, name, volumes)
              .create(initName, network, List.of(), directories));
      Engine.require("start", initName);
      String status = Engine.require("wait", initName);
      if (!status.equals("0")) {
        throw new IllegalStateException(
            initName + " ended with " + status + ": " + Engine.run("logs", initName).output());
      }
    }
    run(
        new PodContainer(specification, pod.container, name, volumes)
            .create(pod.engineName, network, services, directories));
    Engine.require("start", pod.engineName);
    pod.address =
        Engine.inspect(pod.engineName, "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}");
    return pod;
  }

  private static void run(List<String> create) {
    Engine.require(create.toArray(String[]::new));
  }

  /** Its name in Kubernetes. */
  public String name() {
    return name;
  }

  /** Where it is reached from this machine. */
  public String address() {
    return address;
  }

  /** All that it has said. */
  public String log() {
    return Engine.run("logs", engineName).output();
  }

  /** Whether its container runs, and has never been started again. */
  public boolean running() {
    return Engine.inspect(engineName, "{{.State.Running}}").equals("true");
  }

  /**
   * Waits until the startup probe, then the readiness probe holds.
   *
   * @throws IllegalStateException if the startup probe fails as often as it may, or the container
   *     ends
   */
  public void awaitReady() throws InterruptedException {
    await("startupProbe", probe("startupProbe").failures());
    await("readinessProbe", Integer.MAX_VALUE);
    if (container.has("livenessProbe") && !probe("livenessProbe").holds()) {
      throw new IllegalStateException(name + " is ready, but its liveness probe fails");
    }
  }

  /** Whether the probe holds now; one that is not there does. */
  public boolean holds(String probe) throws InterruptedException {
    return !container.has(probe) || probe(probe).holds();
  }

  private void await(String kind, int failures) throws InterruptedException {
    if (!container.has(kind)) {
      return;
    }
    Probe probe = probe(kind);
    for (int failed = 0; !probe.holds(); failed++) {
      if (!running() || failed >= failures) {
        throw new IllegalStateException(
            "%s: %s failed %d times; running: %s; log:%n%s"
                .formatted(name, kind, failed, running(), log()));
      }
      Thread.sleep(probe.period());
    }
  }

  private Probe probe(String kind) {
    return new Probe(container.path(kind), container, engineName, address);
  }

  /** Waits for a container that ends by itself. */
  public End awaitEnd() {
    return new End(Integer.parseInt(Engine.require("wait", engineName)), log());
  }

  /**
   * Ends it as a kubelet does: preStop, SIGTERM, and SIGKILL once {@code
   * terminationGracePeriodSeconds} have gone by since the beginning.
   */
  public End stop() throws InterruptedException {
    long begun = System.nanoTime();
    JsonNode preStop = container.at("/lifecycle/preStop");
    if (preStop.has("sleep")) {
      Thread.sleep(Duration.ofSeconds(preStop.at("/sleep/seconds").intValue()));
    } else if (preStop.has("exec")) {
      List<String> command = new ArrayList<>(List.of("exec", engineName));
      preStop.at("/exec/command").forEach(word -> command.add(word.asString()));
      Engine.run(command.toArray(String[]::new));
    }
    long grace = specification.path("terminationGracePeriodSeconds").intValue(30);
    long left = grace - Duration.ofNanos(System.nanoTime() - begun).toSeconds();
    Engine.require("stop", "--time", String.valueOf(Math.max(1, left)), engineName);
    return new End(Integer.parseInt(Engine.inspect(engineName, "{{.State.ExitCode}}")), log());
  }

  @Override
  public void close() {
    Engine.run("rm", "--force", "--volumes", engineName);
  }
}
