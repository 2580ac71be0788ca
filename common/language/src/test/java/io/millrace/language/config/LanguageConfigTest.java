package io.millrace.language.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.language.model.DecoderLayout;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LanguageConfigTest {

  @TempDir Path directory;

  @Test
  void presetsHaveTheirSizes() {
    assertThat(new DecoderLayout(LanguageConfig.preset("nano", 1024, 0)).parameters())
        .isBetween(1_000_000L, 1_500_000L);
    assertThat(new DecoderLayout(LanguageConfig.preset("micro", 4096, 0)).parameters())
        .isBetween(8_000_000L, 12_000_000L);
    assertThatThrownBy(() -> LanguageConfig.preset("giant", 1024, 0))
        .hasMessageContaining("use one of nano, micro, small, v2-lite, v3");
    assertThatThrownBy(() -> LanguageConfig.preset("v2-lite", 1024, 0))
        .hasMessageContaining("preset v2-lite can be planned, not run: its gates are a softmax");
    assertThat(LanguageConfig.preset("small", 1024, 5).eosTokenId()).isEqualTo(5);
  }

  @Test
  void comesBackFromItsFile() throws IOException {
    LanguageConfig config = LanguageConfig.preset("micro", 512, 3);
    ConfigFile.write(config, directory);
    assertThat(ConfigFile.read(directory)).isEqualTo(config);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "'\"n_group\" : 4' ; '\"n_group\" : 3' ; n_group (3) must divide n_routed_experts (8)",
        "'\"topk_group\" : 2' ; '\"topk_group\" : 5' ; topk_group (5)",
        "'\"hidden_act\" : \"silu\"' ; '\"hidden_act\" : \"cosine\"' ; hidden_act is \"cosine\"; it must be one of silu",
        "'\"rope_scaling\" : null' ; '\"rope_scaling\" : {\"type\":\"yarn\"}' ; the key factor is missing",
        "'\"rope_scaling\" : null' ; '\"rope_scaling\" : {\"type\":\"linear\",\"factor\":2,\"original_max_position_embeddings\":8}' ; rope_scaling: type is \"linear\"",
        "'\"rope_scaling\" : null' ; '\"rope_scaling\" : {\"type\":\"yarn\",\"truncate\":false}' ; rope_scaling.truncate is not supported",
        "'\"kv_lora_rank\" : 64' ; '\"kv_lora_rank\" : \"many\"' ; many",
        "'\"vocab_size\" : 512,' ; '' ; vocab_size"
      })
  void namesTheContradiction(String from, String to, String reason) throws IOException {
    ConfigFile.write(LanguageConfig.preset("nano", 512, 3), directory);
    Path file = directory.resolve("config.json");
    String json = Files.readString(file);
    assertThat(json).contains(from);
    Files.writeString(file, json.replace(from, to));
    assertThatThrownBy(() -> ConfigFile.read(directory))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining(reason.strip());
  }
}
