package io.millrace.benchmarks.represent;

import io.millrace.benchmarks.command.Benchmark;
import io.millrace.benchmarks.experiment.Spread;
import io.millrace.encoder.encode.EncoderConfig;
import io.millrace.encoder.encode.EncoderConfigFile;
import io.millrace.encoder.encode.LanguageEncoder;
import io.millrace.encoder.encode.PictureEncoder;
import io.millrace.encoder.encode.TokenEncoder;
import io.millrace.encoder.represent.Negatives;
import io.millrace.encoder.represent.RepresentationPresets;
import io.millrace.tensor.engine.TensorEngine;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Linear probes of what encoders learn without labels. */
public final class RepresentBenchmark implements Benchmark {

  /** Sides of a cut-out in pixels: 5 x 5 crops of 16. */
  private static final int SIDE = 48;

  /** Characters of a passage: 64 places. */
  private static final int PASSAGE = 256;

  @Override
  public String name() {
    return "represent";
  }

  @Override
  public String description() {
    return "represent blood|nuclei|text FILE [KEY=VALUE ...]: linear probes of encoders learned without labels; FILE keeps the outcomes";
  }

  @Override
  public void run(List<String> arguments, PrintStream out) throws Exception {
    if (arguments.size() < 2 || arguments.get(1).contains("=")) {
      throw new IllegalArgumentException("which set, and which file? " + description());
    }
    Settings settings = Settings.of(arguments.subList(2, arguments.size()));
    Path data = Path.of(System.getProperty("millrace.data", "../shared/data"));
    LabelledSet set =
        switch (arguments.getFirst()) {
          case "blood" -> Crops.blood(data.resolve("bccd"), SIDE);
          case "nuclei" -> Crops.nuclei(data.resolve("nuclei"), SIDE);
          case "text" ->
              Passages.shakespeare(data.resolve("tinyshakespeare"), PASSAGE, settings.length());
          default -> throw new IllegalArgumentException("which set? " + description());
        };
    out.printf(
        "%d documents to learn from, %d to be judged on, classes %s; %s%n",
        set.training().size(), set.test().size(), set.classes(), settings);
    out.println(
        "accuracy and macro-F1 with 1 %, 10 % and all of the labels; bound and ceiling of one step ahead");
    new Run(set, settings, new Outcomes(Path.of(arguments.get(1))), out).all();
  }

  /** A kind of trials. */
  @FunctionalInterface
  private interface Row {

    List<Double> of(long seed, Path folder) throws IOException;
  }

  /** The trials of a set. */
  private static final class Run {

    private final TensorEngine engine = TensorEngine.start("cpu");
    private final LabelledSet set;
    private final Settings settings;
    private final Outcomes outcomes;
    private final PrintStream out;
    private final Trial trial;
    private final EncoderConfig preset;

    Run(LabelledSet set, Settings settings, Outcomes outcomes, PrintStream out) throws IOException {
      this.set = set;
      this.settings = settings;
      this.outcomes = outcomes;
      this.out = out;
      this.trial = new Trial(set, settings);
      boolean text = set.training() instanceof Passages;
      this.preset = read(settings.encoder().orElse(text ? "cpc-text-nano" : "cpc-pictures-nano"));
    }

    private static EncoderConfig read(String encoder) throws IOException {
      return RepresentationPresets.NAMES.contains(encoder)
          ? RepresentationPresets.of(encoder)
          : EncoderConfigFile.read(encoder, Files.readAllBytes(Path.of(encoder)));
    }

    void all() throws IOException {
      int standard = settings.ahead().getFirst();
      for (Settings.Row kind : settings.rows()) {
        switch (kind) {
          case RAW -> row("raw features", (seed, _) -> trial.raw(seed));
          case RANDOM ->
              row(
                  "random encoder",
                  (seed, folder) ->
                      trial.encoder(engine, config(standard), Negatives.MIXED, 0, seed, folder));
          case SUPERVISED ->
              row("supervised", (seed, _) -> trial.supervised(engine, config(standard), seed));
          case LEARNED -> learned(standard);
        }
      }
    }

    private void learned(int standard) throws IOException {
      for (Negatives negatives : settings.negatives()) {
        row(
            "%d ahead, negatives %s".formatted(standard, negatives.key()),
            (seed, folder) ->
                trial.encoder(engine, config(standard), negatives, settings.steps(), seed, folder));
      }
      for (int ahead : settings.ahead().subList(1, settings.ahead().size())) {
        row(
            "%d ahead, negatives mixed".formatted(ahead),
            (seed, folder) ->
                trial.encoder(
                    engine, config(ahead), Negatives.MIXED, settings.steps(), seed, folder));
      }
    }

    private EncoderConfig config(int ahead) {
      return new EncoderConfig(
          preset.layers(),
          switch (preset.encoder()) {
            case TokenEncoder tokens ->
                tokens.withVocabulary(((Passages) set.training()).vocabulary());
            case LanguageEncoder _ -> throw new IllegalStateException("not one of the presets");
            case PictureEncoder pictures -> pictures.withInput(SIDE, SIDE);
          },
          preset.context(),
          settings.pooling().orElse(preset.pooling()),
          ahead);
    }

    private void row(String name, Row made) throws IOException {
      List<List<Double>> bySeed = new ArrayList<>();
      for (long seed = 1; seed <= settings.seeds(); seed++) {
        long own = seed;
        bySeed.add(outcomes.of(name + ", seed " + seed, folder -> made.of(own, folder)));
      }
      StringBuilder line = new StringBuilder("%-28s".formatted(name));
      for (int i = 0; i < bySeed.getFirst().size(); i++) {
        int at = i;
        Spread spread = Spread.of(bySeed.stream().map(one -> one.get(at)).toList());
        line.append(String.format(Locale.ROOT, "  %.3f ± %.3f", spread.mean(), spread.deviation()));
      }
      out.println(line);
    }
  }
}
