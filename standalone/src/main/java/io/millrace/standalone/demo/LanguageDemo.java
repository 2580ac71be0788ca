package io.millrace.standalone.demo;

import io.millrace.contracts.Tasks;
import java.io.PrintStream;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** Text into Kafka, a language model out of it, and completions before, during and after. */
final class LanguageDemo {

  private static final int COMPLETION_TOKENS = 96;
  private static final int STEADY_TOKENS = 8;
  private static final int SPEED_TOKENS = 256;
  private static final double TEMPERATURE = 0.6;

  private final GatewayClient gateway;
  private final PrintStream out;
  private final Plan plan;

  /**
   * What to do.
   *
   * @param name of the dataset and of the model
   * @param documents what to learn from
   * @param notes what was left out of them, for the person to see
   * @param preset model configuration
   * @param vocabSize of the tokenizer to train
   * @param steps optimizer steps
   * @param checkpoints to publish on the way, besides the untrained model
   * @param prompt what the completions continue, or what is asked
   * @param chat whether the documents are conversations, so that the model is asked in one
   */
  record Plan(
      String name,
      List<TextDocument> documents,
      List<String> notes,
      String preset,
      int vocabSize,
      long steps,
      int checkpoints,
      String prompt,
      boolean chat) {}

  LanguageDemo(GatewayClient gateway, PrintStream out, Plan plan) {
    this.gateway = gateway;
    this.out = out;
    this.plan = plan;
  }

  DemoReport.Language run() {
    plan.notes().forEach(note -> out.println("note: " + note));
    JsonNode counts =
        Stage.of(
            "prepare the documents",
            () ->
                new TextDataset(gateway, out)
                    .prepare(plan.name(), plan.documents(), plan.vocabSize()));
    return Stage.of("train and serve the language model", () -> learn(counts));
  }

  private DemoReport.Language learn(JsonNode counts) {
    DemoRun run =
        DemoRun.start(
            gateway, Tasks.LANGUAGE, plan.name(), plan.preset(), plan.steps(), plan.checkpoints());
    StreamedCompletion before = completeUntrained();
    DemoRun.Result result = run.follow("tok", () -> complete(STEADY_TOKENS, TEMPERATURE), out);
    StreamedCompletion after = complete(COMPLETION_TOKENS, TEMPERATURE);
    if (after.text().isEmpty() && !after.ended()) {
      throw new StageFailure(
          "complete after training", "the answer is empty, and the model has not ended it");
    }
    StreamedCompletion speed = complete(SPEED_TOKENS, 0);
    show("before training", before);
    show("after training", after);
    return report(counts, result, before, after, speed);
  }

  private StreamedCompletion completeUntrained() {
    StreamedCompletion before = complete(COMPLETION_TOKENS, TEMPERATURE);
    if (before.version() != 1) {
      throw new StageFailure(
          "complete before training",
          "version %d answered; give it more --steps".formatted(before.version()));
    }
    return before;
  }

  private StreamedCompletion complete(int tokens, double temperature) {
    return plan.chat()
        ? gateway.chat(plan.name(), plan.prompt(), tokens, temperature)
        : gateway.complete(plan.name(), plan.prompt(), tokens, temperature);
  }

  private void show(String when, StreamedCompletion completion) {
    // A model that has seen short documents may well say that this one ends here.
    String text = completion.text().isEmpty() ? "[the model ends it at once]" : completion.text();
    out.printf(
        plan.chat() ? "%n--- answer %s ---%n%s%n> %s%n" : "%n--- completion %s ---%n%s%s%n",
        when,
        plan.prompt(),
        text);
  }

  private DemoReport.Language report(
      JsonNode counts,
      DemoRun.Result result,
      StreamedCompletion before,
      StreamedCompletion after,
      StreamedCompletion speed) {
    JsonNode progress = result.progress();
    JsonNode metrics = progress.path("metrics");
    return new DemoReport.Language(
        counts.path("documents").asLong(),
        counts.path("tokens").asLong(),
        counts.path("tokens_lost").asLong(),
        counts.path("packing_efficiency").asDouble(),
        metrics.path("parameters").asLong(),
        metrics.path("parameters_active").asLong(),
        progress.path("step").asLong(),
        progress.path("first_loss").asDouble(),
        progress.path("loss").asDouble(),
        metrics.path("heldout_loss").asDouble(),
        metrics.path("unigram_entropy").asDouble(),
        progress.path("average_rate").asDouble(),
        speed.decodeTokensPerSecond(),
        progress.path("data_wait_share").asDouble(),
        result.checkpoints(),
        result.swaps(),
        result.swapPauseMsMax(),
        result.requests(),
        result.requestsFailed(),
        before.text(),
        after.text());
  }
}
