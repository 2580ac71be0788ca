package io.millrace.standalone.model;

import io.millrace.language.plan.FlopsPerToken;
import io.millrace.language.plan.ParameterCount;
import io.millrace.language.plan.Plan;
import io.millrace.language.plan.TrainingBytes;
import io.millrace.standalone.terminal.Table;
import java.util.Locale;

/** A plan as a table for people; thousands, millions and billions are powers of ten. */
final class PlanTable {

  private static final String[] UNITS = {"", "K", "M", "B", "T"};
  private static final String[] BYTES = {"B", "KB", "MB", "GB", "TB", "PB"};
  private static final String[] FLOPS = {"", "K", "M", "G", "T", "P"};

  private PlanTable() {}

  static Table of(String model, Plan plan) {
    Table table = new Table().heading("Plan of " + model).heading("").heading("Parameters");
    ParameterCount count = plan.parameters();
    table
        .row("total", parameters(count.total()) + ", without MTP modules")
        .row("active per token", parameters(count.active()) + ", without the embedding")
        .row("  with the embedding", parameters(count.activeWithEmbedding()))
        .row("trained", parameters(count.trained()) + ", with MTP modules")
        .row("in a released file", parameters(count.released()) + ", with the copies for MTP");
    count
        .parts()
        .forEach((part, values) -> table.row("  " + part.replace('_', ' '), parameters(values)));
    table.heading("").heading("Bytes for training");
    for (TrainingBytes training : plan.training()) {
      table
          .row(training.policy(), bytes(training.state()) + " without activations")
          .row("  f32 weights", bytes(training.weights()))
          .row("  f32 gradients", bytes(training.gradients()))
          .row("  moments", bytes(training.moments()));
      if (training.copies() > 0) {
        table.row(
            "  bf16 copies of weights",
            "%s more on a GPU: %s"
                .formatted(bytes(training.copies()), bytes(training.stateOnGpu())));
      }
      TrainingBytes.Activations kept = training.activations();
      table.row(
          "  activations of " + plan.batchTokens() + " tokens",
          "%s; %s recomputing every second layer, %s every layer"
              .formatted(bytes(kept.none()), bytes(kept.everySecond()), bytes(kept.all())));
    }
    table
        .heading("")
        .heading("Latent cache")
        .row("bf16", bytes(plan.cache().bf16()) + " a token")
        .row("f32", bytes(plan.cache().f32()) + " a token");
    FlopsPerToken flops = plan.flops();
    return table
        .heading("")
        .heading("Floating point operations per token, documents of " + flops.context() + " tokens")
        .row("forward", operations(flops.forward()))
        .row("  of it attention scores", operations(flops.attention()))
        .row("training", operations(flops.training()))
        .row("decoding at the end", operations(flops.decoding()));
  }

  static String parameters(long values) {
    // The second digit tells 2.45 B from the 2.4 B that are published of V2-Lite.
    return String.format(Locale.ROOT, "%,d (%s)", values, scaled(values, UNITS, 2));
  }

  static String bytes(long values) {
    return scaled(values, BYTES, 1);
  }

  private static String operations(long values) {
    return scaled(values, FLOPS, 1) + "FLOP";
  }

  static String scaled(long value, String[] units, int digits) {
    int unit = 0;
    double shown = value;
    while (shown >= 1000 && unit < units.length - 1) {
      shown /= 1000;
      unit++;
    }
    return String.format(Locale.ROOT, "%." + (unit == 0 ? 0 : digits) + "f %s", shown, units[unit]);
  }
}
