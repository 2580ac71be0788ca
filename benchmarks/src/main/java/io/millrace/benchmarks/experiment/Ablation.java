package io.millrace.benchmarks.experiment;

import io.millrace.language.train.DocumentPolicy;
import io.millrace.language.train.Precision;
import io.millrace.tensor.activation.Activation;
import java.io.IOException;
import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/**
 * A question with the recipes that answer it, the first being what the others are compared with.
 */
enum Ablation {
  /** What keeps experts equally busy, and what that costs. */
  BALANCING(Measure.VALIDATION, Measure.TRAINING, Measure.VIOLATION) {
    @Override
    Map<String, Recipe> recipes(Options options, TokenCorpus corpus) throws IOException {
      Recipe base = options.recipe(corpus, MODEL);
      Map<String, Recipe> recipes = new LinkedHashMap<>();
      recipes.put("none", base.with(base.settings().withBalancing(0, 0)));
      recipes.put("auxiliary loss 0.01", base.with(base.settings().withBalancing(1e-2, 0)));
      recipes.put("bias 0.001", base.with(base.settings().withBalancing(0, 1e-3)));
      recipes.put("bias 0.01", base.with(base.settings().withBalancing(0, 1e-2)));
      recipes.put("bias 0.001, loss 0.0001", base.with(base.settings().withBalancing(1e-4, 1e-3)));
      return recipes;
    }
  },

  /** What predicting one more token is worth, and how good a draft it makes. */
  MTP(Measure.VALIDATION, Measure.TRAINING, Measure.ACCEPTANCE) {
    @Override
    Map<String, Recipe> recipes(Options options, TokenCorpus corpus) throws IOException {
      Recipe base = options.recipe(corpus, MODEL);
      Map<String, Recipe> recipes = new LinkedHashMap<>();
      recipes.put("off", base);
      recipes.put(
          "one module", base.with(options.config(MODEL, Map.of("num_nextn_predict_layers", 1))));
      return recipes;
    }
  },

  /** What the gates of the feed-forward layers compute. */
  ACTIVATIONS(Measure.VALIDATION, Measure.TRAINING) {
    @Override
    Map<String, Recipe> recipes(Options options, TokenCorpus corpus) throws IOException {
      Recipe base = options.recipe(corpus, MODEL);
      Map<String, Recipe> recipes = new LinkedHashMap<>();
      for (Activation activation : Activation.values()) {
        recipes.put(
            activation.key(), base.with(options.config(MODEL, Map.of("hidden_act", activation))));
      }
      return recipes;
    }
  },

  /** Biases that DeepSeek-V3 leaves out. */
  BIASES(Measure.VALIDATION, Measure.TRAINING) {
    @Override
    Map<String, Recipe> recipes(Options options, TokenCorpus corpus) throws IOException {
      Recipe base = options.recipe(corpus, MODEL);
      Map<String, Recipe> recipes = new LinkedHashMap<>();
      recipes.put("none", base);
      for (String key : List.of("attention_bias", "mlp_bias", "router_bias")) {
        recipes.put(key, base.with(options.config(MODEL, Map.of(key, true))));
      }
      recipes.put(
          "all",
          base.with(
              options.config(
                  MODEL, Map.of("attention_bias", true, "mlp_bias", true, "router_bias", true))));
      return recipes;
    }
  },

  /** To which numbers products are rounded. */
  PRECISION(Measure.VALIDATION, Measure.TRAINING, Measure.SPEED) {
    @Override
    Map<String, Recipe> recipes(Options options, TokenCorpus corpus) throws IOException {
      Recipe base = options.recipe(corpus, MODEL);
      Map<String, Recipe> recipes = new LinkedHashMap<>();
      // TF32 is float32 on a processor.
      for (Precision precision : List.of(Precision.F32, Precision.BF16, Precision.FP8)) {
        recipes.put(precision.key(), base.with(base.settings().with(precision)));
      }
      return recipes;
    }

    /** How far smoothed training losses are apart, for the claim of arXiv 2412.19437, 3.3. */
    @Override
    void comment(Map<String, List<Outcome>> outcomes, PrintStream out) {
      List<Outcome> f32 = of(outcomes, Precision.F32);
      List<Outcome> bf16 = of(outcomes, Precision.BF16);
      List<Outcome> fp8 = of(outcomes, Precision.FP8);
      for (int seed = 0; seed < f32.size(); seed++) {
        out.printf(
            Locale.ROOT,
            "seed %d of %d, smoothed training loss: %s; %s%n",
            seed + 1,
            f32.size(),
            SmoothedLoss.compare("fp8 against bf16", fp8.get(seed), bf16.get(seed)),
            SmoothedLoss.compare("bf16 against f32", bf16.get(seed), f32.get(seed)));
      }
      out.println();
    }

    private static List<Outcome> of(Map<String, List<Outcome>> outcomes, Precision precision) {
      return Objects.requireNonNull(outcomes.get(precision.key()));
    }
  },

  /** Whether documents of a pack see each other. */
  DOCUMENTS(Measure.VALIDATION, Measure.ALONE, Measure.TRAINING) {
    @Override
    Map<String, Recipe> recipes(Options options, TokenCorpus corpus) throws IOException {
      Recipe base = options.recipe(new SpeechCorpus(corpus), MODEL);
      Map<String, Recipe> recipes = new LinkedHashMap<>();
      for (DocumentPolicy policy : DocumentPolicy.values()) {
        recipes.put(
            policy.name().toLowerCase(Locale.ROOT), base.with(base.settings().with(policy)));
      }
      return recipes;
    }
  };

  private static final String MODEL = "moe";

  private final List<Measure> measures;

  Ablation(Measure... measures) {
    this.measures = List.of(measures);
  }

  /** What its table shows. */
  List<Measure> measures() {
    return measures;
  }

  /** Prints what the table does not show. */
  void comment(Map<String, List<Outcome>> outcomes, PrintStream out) {}

  /** The recipes by name, the first being what the others are compared with. */
  abstract Map<String, Recipe> recipes(Options options, TokenCorpus corpus) throws IOException;
}
