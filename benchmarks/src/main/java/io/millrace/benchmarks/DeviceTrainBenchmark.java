package io.millrace.benchmarks;

import io.millrace.benchmarks.command.Benchmark;
import io.millrace.language.config.ConfigFile;
import io.millrace.language.config.LanguageConfig;
import io.millrace.language.train.LanguageTrainer;
import io.millrace.language.train.LanguageTrainingSettings;
import io.millrace.language.train.Precision;
import io.millrace.tensor.engine.TensorEngine;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;

/** How fast a device trains a model of any shape. */
final class DeviceTrainBenchmark implements Benchmark {

  @Override
  public String name() {
    return "device-train";
  }

  @Override
  public String description() {
    return "device-train DEVICE FOLDER PACKS PRECISION...: training speed of the config.json of a folder on random packs of 512 tokens";
  }

  @Override
  public void run(List<String> arguments, PrintStream out) throws IOException {
    if (arguments.size() < 4) {
      throw new IllegalArgumentException(description());
    }
    TensorEngine engine = TensorEngine.start(arguments.get(0));
    Path folder = Path.of(arguments.get(1));
    LanguageConfig config = ConfigFile.read(folder);
    int packs = Integer.parseInt(arguments.get(2));
    DeviceSpeed speed = new DeviceSpeed(engine);
    out.printf(
        "%s, product peak in bfloat16 %.0f TFLOP/s%n", engine.describe(), speed.peak() / 1e12);
    for (String key : arguments.subList(3, arguments.size())) {
      Precision precision = Precision.of(key);
      LanguageTrainingSettings settings = LanguageTrainingSettings.deepSeek().with(precision);
      try (LanguageTrainer trainer = LanguageTrainer.create(engine, config, settings, 1)) {
        speed.training(folder.getFileName() + " " + key, trainer, packs, out);
      }
    }
  }
}
