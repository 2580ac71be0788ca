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
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import tools.jackson.databind.JsonNode;

/**
 * Training speed in bfloat16 on a GPU, here and with Hugging Face transformers, of which the best
 * way to run experts counts. First transformers, because libtorch gives no memory back.
 */
final class RivalGpuBenchmark implements Benchmark {

  private static final int PACKS = 64;
  private static final List<String> EXPERTS = List.of("grouped_mm", "eager");

  @Override
  public String name() {
    return "rival-gpu";
  }

  @Override
  public String description() {
    return "rival-gpu [cuda:N]: training in bf16 on a GPU against Hugging Face transformers (MILLRACE_PYTHON)";
  }

  @Override
  public void run(List<String> arguments, PrintStream out) throws IOException {
    String device = arguments.isEmpty() ? "cuda:0" : arguments.getFirst();
    LanguageConfig config = LanguageConfig.preset("small", 16_384, 0);
    Path folder = Files.createTempDirectory("millrace-rival-gpu");
    ConfigFile.write(config, folder);
    try (RivalProcess rival =
        RivalProcess.start("rival_gpu.py", folder, device, PACKS, DeviceSpeed.LENGTH)) {
      for (String weights : List.of("autocast", "pure")) {
        for (String experts : EXPERTS) {
          out.println(
              told(
                  experts,
                  weights,
                  rival.ask(experts + " " + weights),
                  PACKS * DeviceSpeed.LENGTH));
        }
      }
    }
    TensorEngine engine = TensorEngine.start(device);
    LanguageTrainingSettings settings = LanguageTrainingSettings.deepSeek().with(Precision.BF16);
    try (LanguageTrainer trainer = LanguageTrainer.create(engine, config, settings, 1)) {
      new DeviceSpeed(engine).training("here, MTP module included", trainer, PACKS, out);
    }
  }

  /** A line about one way of transformers. */
  static String told(String experts, String weights, JsonNode answer, int tokens) {
    String what = "transformers, %s experts, %s: ".formatted(experts, weights);
    if (answer.has("error")) {
      return what + answer.get("error").asString();
    }
    Rates rates = new Rates();
    answer.get("seconds").forEach(seconds -> rates.add(tokens / seconds.asDouble()));
    return what + "%,.0f tokens/s (%s)".formatted(rates.median(), rates.range("%,.0f"));
  }
}
