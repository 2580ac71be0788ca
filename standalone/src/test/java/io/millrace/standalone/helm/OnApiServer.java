package io.millrace.standalone.helm;

import io.millrace.standalone.helm.api.ApiServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** Tests that run Helm, each with a Kubernetes API of its own. */
abstract class OnApiServer {
  @TempDir Path directory;

  final ApiServer api = ApiServer.start();

  /** By which Helm finds it. */
  Path kubeconfig = Path.of("kubeconfig");

  @BeforeEach
  void writeKubeconfig() throws IOException {
    kubeconfig = Files.writeString(directory.resolve("kubeconfig"), api.kubeconfig());
  }

  @AfterEach
  void stop() {
    api.close();
  }
}
