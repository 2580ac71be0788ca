package io.millrace.standalone.helm;

import static io.millrace.standalone.helm.HelmChart.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.millrace.standalone.FirstModel;
import io.millrace.standalone.PlatformApi;
import io.millrace.standalone.helm.HelmChart.Manifests;
import io.millrace.standalone.helm.pods.Engine;
import io.millrace.standalone.helm.pods.Kubelet;
import io.millrace.standalone.helm.pods.Pod;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * The pods of an evaluation run, as the chart renders them, on the Docker engine of this machine,
 * and the loop works through them: from documents to a completion. In profile {@code containers}.
 */
@Tag("containers")
@Timeout(540)
class HelmPodsTest {
  @TempDir Path directory;

  /**
   * In the order of a release: hooks before it, all pods at once, hooks after it, its test, its
   * end.
   */
  @Test
  void servesWhatItLearned() throws Exception {
    String values = System.getProperty("millrace.helm.pods.values", "{}");
    Manifests release = HelmChart.render("evaluation", values);
    Manifests hooks = HelmChart.hooks("evaluation", values);
    requireImages(release);
    try (Kubelet node = new Kubelet("chart-", directory)) {
      node.apply(before(hooks));
      for (String kind : List.of("ConfigMap", "PersistentVolumeClaim", "Service")) {
        node.apply(release.ofKind(kind));
      }
      for (String kind : List.of("StatefulSet", "Deployment")) {
        release.ofKind(kind).forEach(node::start);
      }
      List<Pod> pods = node.pods();
      for (Pod pod : pods) {
        pod.awaitReady();
      }
      Pod.End topics = node.run(hooks.one("Job", "-topics"));
      assertThat(topics.status()).as(topics.log()).isZero();
      assertThat(topics.log()).contains("Topic checkpoints is there", "Topic models is there");

      FirstModel.learn(api(node));

      Pod.End test = node.runPod(hooks.one("Pod", "-test"));
      assertThat(test.log()).endsWith("all is well");
      assertThat(test.status()).isZero();
      stop(pods);
    }
  }

  private static void requireImages(Manifests release) {
    assumeTrue(Engine.isThere(), "no Docker engine that this process may use");
    TreeSet<String> images =
        Stream.of("StatefulSet", "Deployment")
            .flatMap(kind -> release.ofKind(kind).stream())
            .map(workload -> text(workload, "/spec/template/spec/containers/0/image"))
            .collect(Collectors.toCollection(TreeSet::new));
    images.removeIf(Engine::has);
    assumeTrue(images.isEmpty(), "these images are not there: " + images);
  }

  /** Of two Secrets of one name the one that is made before the installation. */
  private static List<JsonNode> before(Manifests hooks) {
    return hooks.ofKind("Secret").stream()
        .filter(secret -> text(secret, "/metadata/annotations/test~1hook").equals("pre-install"))
        .toList();
  }

  private static PlatformApi api(Kubelet node) {
    Pod gateway =
        node.pods().stream()
            .filter(pod -> pod.name().contains("gateway"))
            .findFirst()
            .orElseThrow();
    return new PlatformApi(
        "http://" + gateway.address() + ":8080",
        node.secret("mill-millrace-evaluation", "api-key"));
  }

  /** All end in time and in order: none has to be killed. */
  private static void stop(List<Pod> pods) throws Exception {
    List<String> ends = new ArrayList<>();
    for (Pod pod : pods.reversed()) {
      assertThat(pod.holds("livenessProbe")).as(pod.name()).isTrue();
      Pod.End end = pod.stop();
      ends.add(pod.name() + " " + end.status());
    }
    assertThat(ends).allMatch(end -> end.matches(".* (0|143)"), "is no kill");
  }
}
