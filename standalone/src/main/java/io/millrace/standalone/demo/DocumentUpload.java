package io.millrace.standalone.demo;

import io.millrace.standalone.terminal.ProgressBar;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Documents of any kind into a dataset, as JSON lines in batches of some MiB. */
final class DocumentUpload {

  private static final int BATCH_BYTES = 4 << 20;

  private final GatewayClient gateway;
  private final String dataset;
  private final String noun;

  /**
   * An upload.
   *
   * @param noun what the documents are called in the progress bar
   */
  DocumentUpload(GatewayClient gateway, String dataset, String noun) {
    this.gateway = gateway;
    this.dataset = dataset;
    this.noun = noun;
  }

  /**
   * Sends all of them.
   *
   * @throws StageFailure if not every one was accepted
   */
  <T> void send(List<T> documents, Function<T, Map<String, ?>> json) {
    try (ProgressBar bar = ProgressBar.of(noun)) {
      ByteArrayOutputStream batch = new ByteArrayOutputStream();
      int waiting = 0;
      for (int i = 0; i < documents.size(); i++) {
        batch.writeBytes(
            gateway.line(json.apply(documents.get(i))).getBytes(StandardCharsets.UTF_8));
        waiting++;
        if (batch.size() >= BATCH_BYTES || i == documents.size() - 1) {
          send(batch.toByteArray(), waiting);
          waiting = 0;
          batch.reset();
          bar.update(i + 1, documents.size(), "%d %s in Kafka".formatted(i + 1, noun));
        }
      }
    }
  }

  private void send(byte[] lines, int count) {
    int accepted =
        gateway
            .post(
                "/api/datasets/" + dataset + "/documents?extra_fields=keep",
                "application/x-ndjson",
                lines)
            .path("accepted")
            .asInt();
    if (accepted != count) {
      throw new StageFailure(noun, "%d were sent, %d accepted".formatted(count, accepted));
    }
  }
}
