package io.millrace.standalone.containers;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.model.ContainerNetwork;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.GenericContainer;

/** What happens to a container, and how it is taken back. */
enum Fault {
  /** Its cable is pulled: it goes on and reaches nobody. */
  CUT_OFF {
    @Override
    void begin(Stack stack, GenericContainer<?> container) {
      engine()
          .disconnectFromNetworkCmd()
          .withNetworkId(stack.network())
          .withContainerId(container.getContainerId())
          .withForce(true)
          .exec();
    }

    @Override
    void end(Stack stack, String name, GenericContainer<?> container) {
      engine()
          .connectToNetworkCmd()
          .withNetworkId(stack.network())
          .withContainerId(container.getContainerId())
          .withContainerNetwork(new ContainerNetwork().withAliases(List.of(name)))
          .exec();
    }
  },

  /** It stands still: connections stay open and nothing answers. */
  PAUSED {
    @Override
    void begin(Stack stack, GenericContainer<?> container) {
      engine().pauseContainerCmd(container.getContainerId()).exec();
    }

    @Override
    void end(Stack stack, String name, GenericContainer<?> container) {
      engine().unpauseContainerCmd(container.getContainerId()).exec();
    }
  },

  /** SIGKILL, and a start of what is left. */
  KILLED {
    @Override
    void begin(Stack stack, GenericContainer<?> container) {
      engine().killContainerCmd(container.getContainerId()).exec();
    }

    @Override
    void end(Stack stack, String name, GenericContainer<?> container) {
      engine().startContainerCmd(container.getContainerId()).exec();
    }
  };

  private static final Duration RECOVERY = Duration.ofMinutes(3);

  abstract void begin(Stack stack, GenericContainer<?> container);

  abstract void end(Stack stack, String name, GenericContainer<?> container);

  /**
   * Lets it happen for a while, takes it back, and returns when all services are ready again.
   *
   * @param length how long it lasts
   * @return how long it took from its end on
   */
  Duration strike(Stack stack, String name, Duration length) throws InterruptedException {
    GenericContainer<?> container = stack.container(name);
    begin(stack, container);
    Thread.sleep(length);
    long ended = System.nanoTime();
    end(stack, name, container);
    Awaitility.await(this + " " + name)
        .atMost(RECOVERY)
        .pollInterval(Duration.ofSeconds(1))
        .ignoreExceptions()
        .until(() -> allReady(stack));
    return Duration.ofNanos(System.nanoTime() - ended);
  }

  private static boolean allReady(Stack stack) throws Exception {
    for (String service : List.of("data", "training", "inference", "gateway")) {
      if (stack.container(service).execInContainer("millrace-ready").getExitCode() != 0) {
        return false;
      }
    }
    return true;
  }

  private static DockerClient engine() {
    return DockerClientFactory.lazyClient();
  }
}
