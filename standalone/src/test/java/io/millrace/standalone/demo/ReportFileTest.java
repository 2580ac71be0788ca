package io.millrace.standalone.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.standalone.terminal.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ReportFileTest {

  /** The keys that readers of the report rely on. */
  private static final List<String> LANGUAGE =
      List.of(
          "documents",
          "tokens",
          "tokens_lost",
          "packing_efficiency",
          "parameters",
          "parameters_active",
          "steps",
          "loss_first",
          "loss_last",
          "heldout_loss",
          "unigram_entropy",
          "train_tokens_per_s",
          "decode_tokens_per_s",
          "data_wait_share",
          "checkpoints",
          "swaps",
          "swap_pause_ms_max",
          "requests",
          "requests_failed",
          "completion_before",
          "completion_after");

  private static final List<String> DETECTION =
      List.of(
          "images",
          "boxes",
          "steps",
          "loss_first",
          "loss_last",
          "map50",
          "map",
          "train_images_per_s",
          "detect_images_per_s",
          "checkpoints",
          "swaps",
          "requests",
          "requests_failed");

  @TempDir Path directory;

  @Test
  void hasTheKeysThatReadersRelyOn() {
    JsonNode all =
        read(new DemoReport(true, 300.5, null, DemoReports.LANGUAGE, DemoReports.DETECTION));
    assertThat(all.propertyNames()).containsExactly("ok", "seconds", "language", "detection");
    assertThat(all.path("language").propertyNames()).containsExactlyElementsOf(LANGUAGE);
    assertThat(all.path("detection").propertyNames()).containsExactlyElementsOf(DETECTION);
    assertThat(all.path("seconds").doubleValue()).isEqualTo(300.5);
  }

  @Test
  void hasNoTextWhereANumberBelongs() {
    JsonNode report =
        read(
            new DemoReport(
                true,
                1,
                null,
                DemoReports.languageLosses(Double.NaN, Double.NEGATIVE_INFINITY, 2),
                null));
    assertThat(report.path("language").path("loss_first").isNull()).isTrue();
    assertThat(report.path("language").path("loss_last").isNull()).isTrue();
    assertThat(report.path("language").path("heldout_loss").isNumber()).isTrue();
  }

  @Test
  void saysFromTheBeginningThatTheDemoHasNotEnded() throws IOException {
    Path file = directory.resolve("report.json");
    ReportFile report = ReportFile.begin(file);
    JsonNode begun = JsonMapper.shared().readTree(Files.readAllBytes(file));
    assertThat(begun.path("ok").booleanValue()).isFalse();
    assertThat(begun.path("error").asString()).isEqualTo("the demo did not come to its end");
    report.write(new DemoReport(false, 2, "training: it broke", null, null));
    assertThat(Files.readString(file)).contains("training: it broke").doesNotContain("language");
  }

  @Test
  void refusesAFileThatCannotBeWritten() {
    assertThatThrownBy(() -> ReportFile.begin(directory))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("is a directory");
    assertThatThrownBy(() -> ReportFile.begin(directory.resolve("no/report.json")))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("--report")
        .hasMessageContaining("NoSuchFile");
  }

  private static JsonNode read(DemoReport report) {
    return JsonMapper.shared().readTree(ReportFile.json(report));
  }
}
