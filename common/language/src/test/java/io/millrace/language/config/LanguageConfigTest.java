package io.millrace.language.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.language.model.DecoderLayout;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
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
        "'\"hidden_act\" : \"silu\"' ; '\"hidden_act\" : \"cosine\"' ; hidden_act: \"cosine\" is no activation; it must be one of silu",
        "'\"rope_scaling\" : null' ; '\"rope_scaling\" : {\"type\":\"yarn\"}' ; the key factor is missing",
        "'\"rope_scaling\" : null' ; '\"rope_scaling\" : {\"type\":\"linear\",\"factor\":2,\"original_max_position_embeddings\":8}' ; rope_scaling: type is \"linear\"",
        "'\"rope_scaling\" : null' ; '\"rope_scaling\" : {\"type\":\"yarn\",\"truncate\":false}' ; rope_scaling.truncate is not supported",
        "'\"kv_lora_rank\" : 64' ; '\"kv_lora_rank\" : \"many\"' ; many",
        "'\"rope_scaling\" : null' ; '\"rope_scaling\" : \"yarn\"' ; rope_scaling is \"yarn\"; it must be an object or null",
        "'\"rope_scaling\" : null' ; '\"rope_parameters\" : [1]' ; rope_parameters is [1]; it must be an object or null",
        "'\"rope_scaling\" : null' ; '\"rope_parameters\" : {\"rope_theta\":5}' ; rope_parameters.rope_theta is 5, but rope_theta is 10000.0",
        "'\"rope_scaling\" : null' ; '\"rope_scaling\" : {\"type\":\"yarn\",\"rope_type\":\"linear\"}' ; rope_scaling.rope_type is \"linear\", but rope_scaling.type is \"yarn\"",
        "'\"rope_scaling\" : null' ; '\"rope_scaling\" : {\"type\":\"yarn\",\"factor\":2},\"rope_parameters\":{\"type\":\"default\"}' ; 'rope_parameters is {\"type\":\"default\"}, but rope_scaling is {'",
        "'\"rope_scaling\" : null' ; '\"original_max_position_embeddings\":8,\"rope_scaling\" : {\"type\":\"yarn\",\"original_max_position_embeddings\":4}' ; original_max_position_embeddings is 8, but rope_scaling.original_max_position_embeddings is 4",
        "'\"rope_scaling\" : null' ; '\"rope_scaling\" : {\"type\":\"yarn\",\"factor\":\"Infinity\",\"original_max_position_embeddings\":4}' ; a number is Infinity; all must be finite",
        "'\"rope_scaling\" : null' ; '\"rope_scaling\" : {\"type\":\"yarn\",\"factor\":null,\"original_max_position_embeddings\":4}' ; rope_scaling.factor is null; it must have a value",
        "'\"torch_dtype\" : \"float32\"' ; '\"torch_dtype\":\"float32\",\"dtype\":\"float16\"' ; dtype is \"float16\", but torch_dtype is \"float32\"",
        "'\"num_nextn_predict_layers\" : 1' ; '\"num_nextn_predict_layers\":1,\"num_mtp_layers\":2' ; num_mtp_layers is 2, but num_nextn_predict_layers is 1",
        "'\"hidden_act\" : \"silu\"' ; '\"hidden_act\" : null' ; hidden_act is null; it must have a value",
        "'\"eos_token_id\" : 3' ; '\"eos_token_id\" : null' ; eos_token_id is null; it must have a value",
        "'\"eos_token_id\" : 3' ; '\"eos_token_id\" : []' ; eos_token_id",
        "'\"rms_norm_eps\" : 1.0E-6' ; '\"rms_norm_eps\" : \"NaN\"' ; rms_norm_eps must be a finite number, it is NaN",
        "'\"rope_theta\" : 10000.0' ; '\"rope_theta\" : 1e999' ; rope_theta must be a finite number, it is Infinity",
        "'\"routed_scaling_factor\" : 2.5' ; '\"routed_scaling_factor\" : \"-Infinity\"' ; routed_scaling_factor must be a finite number",
        "'\"initializer_range\" : 0.04' ; '\"initializer_range\" : \"NaN\"' ; initializer_range must be a finite number",
        "'\"model_type\" : \"deepseek_v3\"' ; '\"model_type\" : \"llama\"' ; model_type is \"llama\"; only \"deepseek_v3\" is supported",
        "'\"scoring_func\" : \"sigmoid\"' ; '\"scoring_func\" : \"softmax\"' ; scoring_func is \"softmax\"; only \"sigmoid\" is supported",
        "'\"topk_method\" : \"noaux_tc\"' ; '\"topk_method\" : \"greedy\"' ; topk_method is \"greedy\"; only \"noaux_tc\" is supported",
        "'\"rope_interleave\" : true' ; '\"rope_interleave\" : false' ; rope_interleave is false; only true is supported",
        "'\"attention_dropout\" : 0.0' ; '\"attention_dropout\" : 0.1' ; attention_dropout is 0.1; only 0.0 is supported",
        "'\"moe_layer_freq\" : 1' ; '\"moe_layer_freq\" : 2' ; moe_layer_freq is 2; only 1 is supported",
        "'\"torch_dtype\" : \"float32\"' ; '\"torch_dtype\" : \"int8\"' ; torch_dtype is \"int8\"",
        "'\"rope_scaling\" : null' ; '\"quantization_config\" : {\"quant_method\":\"gptq\"}' ; quantization_config.quant_method is \"gptq\"; only \"fp8\" is supported",
        "'\"rope_scaling\" : null' ; '\"quantization_config\" : {\"quant_method\":\"fp8\",\"weight_block_size\":[64,128]}' ; 'quantization_config.weight_block_size is [64,128]; only [128,128] is supported'",
        "'\"rope_scaling\" : null' ; '\"quantization_config\" : {\"quant_method\":\"fp8\",\"weight_block_size\":null}' ; quantization_config.weight_block_size is null",
        "'\"rope_scaling\" : null' ; '\"quantization_config\" : {\"quant_method\":\"fp8\",\"fmt\":\"e5m2\"}' ; quantization_config.fmt is \"e5m2\"",
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

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "'\"attention_dropout\" : 0.0' ; '\"attention_dropout\" : 0'",
        "'\"rope_theta\" : 10000.0' ; '\"rope_theta\" : 10000, \"rope_parameters\": {\"rope_theta\": 1e4, \"rope_type\": \"default\"}'",
        "'\"num_nextn_predict_layers\" : 1' ; '\"num_mtp_layers\" : 1'",
        "'\"num_nextn_predict_layers\" : 1' ; '\"num_nextn_predict_layers\" : 1, \"num_mtp_layers\" : 1'",
        "'\"torch_dtype\" : \"float32\"' ; '\"torch_dtype\" : \"float32\", \"dtype\" : \"float32\"'",
        // transformers stops at any of them, this platform at the first.
        "'\"eos_token_id\" : 3' ; '\"eos_token_id\" : [3, 7]'",
        "'\"rope_scaling\" : null' ; '\"rope_scaling\" : {\"rope_type\" : \"default\"}'"
      })
  void readsTheSameUnderOtherNames(String from, String to) throws IOException {
    LanguageConfig config = LanguageConfig.preset("nano", 512, 3);
    ConfigFile.write(config, directory);
    Path file = directory.resolve("config.json");
    String json = Files.readString(file);
    assertThat(json).contains(from);
    Files.writeString(file, json.replace(from, to));
    assertThat(ConfigFile.read(directory)).isEqualTo(config);
  }

  @Test
  void readsWhatTransformersWritesOfYarn() throws IOException {
    try (InputStream json =
        LanguageConfigTest.class.getResourceAsStream("transformers-yarn.json")) {
      Files.write(directory.resolve("config.json"), Objects.requireNonNull(json).readAllBytes());
    }
    LanguageConfig config = ConfigFile.read(directory);
    assertThat(config.ropeTheta()).isEqualTo(5000);
    assertThat(config.ropeScaling()).isEqualTo(new RopeScaling("yarn", 4, 16, 32, 1, 1, 0.7));
    assertThat(config.numNextnPredictLayers()).isOne();
  }

  @Test
  void writesNoWeightThatWasNotGiven() throws IOException {
    ConfigFile.write(LanguageConfig.preset("nano", 512, 3), directory);
    Path file = directory.resolve("config.json");
    Files.writeString(
        file,
        Files.readString(file)
            .replace(
                "\"rope_scaling\" : null",
                "\"rope_scaling\" : {\"type\":\"yarn\",\"factor\":4,\"original_max_position_embeddings\":16}"));
    LanguageConfig config = ConfigFile.read(directory);
    ConfigFile.write(config, directory);
    assertThat(Files.readString(directory.resolve("config.json"))).doesNotContain("mscale");
    assertThat(ConfigFile.read(directory)).isEqualTo(config);
  }

  @Test
  void readsTheShapeOfWhatItDoesNotCompute() throws IOException {
    ConfigFile.write(LanguageConfig.preset("nano", 512, 3), directory);
    Path file = directory.resolve("config.json");
    String json = Files.readString(file);
    Files.writeString(
        file, json.replace("\"rope_scaling\" : null", "\"rope_scaling\" : {\"type\":\"linear\"}"));
    assertThat(ConfigFile.readShape(file)).isEqualTo(LanguageConfig.preset("nano", 512, 3));
    Files.writeString(file, json.replace("\"moe_layer_freq\" : 1", "\"moe_layer_freq\" : 2"));
    assertThatThrownBy(() -> ConfigFile.readShape(file))
        .hasMessageContaining("moe_layer_freq is 2; only 1 can be planned");
  }
}
