package io.millrace.standalone.demo;

import io.millrace.standalone.terminal.ProgressBar;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** A dataset of texts made through the gateway: documents in, tokenizer trained, packed, sealed. */
public final class TextDataset {

  private static final int FEW_DOCUMENTS = 200;
  private static final double HELDOUT_OF_FEW = 12;
  private static final double HELDOUT_OF_MANY = 5;

  private final GatewayClient gateway;
  private final PrintStream out;

  /** Prepares through a gateway and tells {@code out} what came of it. */
  public TextDataset(GatewayClient gateway, PrintStream out) {
    this.gateway = gateway;
    this.out = out;
  }

  /**
   * Makes the dataset.
   *
   * @param vocabSize of the tokenizer to train
   * @return the counts that the data service gives
   * @throws StageFailure if a document did not arrive, was rejected, or the tokenizer could not be
   *     trained
   */
  public JsonNode prepare(String dataset, List<TextDocument> documents, int vocabSize) {
    create(dataset, documents.size());
    new DocumentUpload(gateway, dataset, "documents").send(documents, TextDocument::json);
    trainTokenizer(dataset, vocabSize);
    return seal(dataset, documents.size());
  }

  private void create(String dataset, int documents) {
    gateway.post(
        "/api/datasets",
        Map.of(
            "name",
            dataset,
            "kind",
            "text",
            "heldout_percent",
            documents < FEW_DOCUMENTS ? HELDOUT_OF_FEW : HELDOUT_OF_MANY));
  }

  private void trainTokenizer(String dataset, int vocabSize) {
    try (ProgressBar bar = ProgressBar.of("tokenizer")) {
      gateway.post(
          "/api/datasets/" + dataset + "/tokenizer",
          Map.of("train", Map.of("vocab_size", vocabSize)));
      while (true) {
        JsonNode tokenizer = gateway.get("/api/datasets/" + dataset).path("tokenizer");
        String state = tokenizer.path("state").asString();
        double share = tokenizer.path("progress").asDouble();
        bar.update(
            share,
            1,
            state.equals("waiting")
                ? "waiting: " + tokenizer.path("error").asString("")
                : "byte-level BPE, %d tokens".formatted(vocabSize));
        if (state.equals("ready")) {
          return;
        }
        if (state.equals("failed")) {
          throw new StageFailure("tokenizer", tokenizer.path("error").asString(""));
        }
        Pause.of(Duration.ofMillis(200));
      }
    }
  }

  private JsonNode seal(String dataset, int documents) {
    gateway.post("/api/datasets/" + dataset + "/snapshots", Map.of());
    JsonNode counts = DatasetCounts.ofAll(gateway, dataset, documents, "documents");
    out.printf(
        "%-12s %,d documents, %,d tokens in %,d sequences (%,d held out)%n",
        "packed",
        counts.path("documents").asLong(),
        counts.path("tokens").asLong(),
        counts.path("sequences").asLong(),
        counts.path("heldout_sequences").asLong());
    return counts;
  }
}
