package io.millrace.language.interchange;

import io.millrace.language.chat.ChatTemplate;
import io.millrace.language.config.LanguageConfig;
import io.millrace.language.tokenize.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code tokenizer.json}, {@code tokenizer_config.json} and {@code generation_config.json}.
 *
 * @param tokenizer as it is written
 * @param begin token in front of every text, null: none
 * @param end token that ends a document
 */
record TokenizerExport(Tokenizer tokenizer, @Nullable Integer begin, int end) {

  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  static TokenizerExport of(Tokenizer tokenizer, LanguageConfig config, boolean beginOfText) {
    int[] own = tokenizer.beginning();
    if (!beginOfText) {
      return new TokenizerExport(tokenizer.beginningWith(), null, config.eosTokenId());
    }
    int begin = own.length > 0 ? own[0] : config.eosTokenId();
    return new TokenizerExport(
        own.length > 0 ? tokenizer : tokenizer.beginningWith(begin), begin, config.eosTokenId());
  }

  void write(LanguageConfig config, Path directory) throws IOException {
    Files.write(directory.resolve(Tokenizer.FILE), tokenizer.toJson());
    ObjectNode settings = JSON.createObjectNode();
    // transformers 5 takes the beginning of texts from tokenizer.json alone.
    settings.put("tokenizer_class", "PreTrainedTokenizerFast");
    settings.put(CompanionFiles.ADD_BOS, begin != null);
    settings.put("bos_token", begin == null ? null : tokenizer.decode(begin));
    settings.put("eos_token", tokenizer.decode(end));
    settings.put("pad_token", tokenizer.decode(end));
    settings.put("model_max_length", config.maxPositionEmbeddings());
    settings.put("clean_up_tokenization_spaces", false);
    if (new ChatTemplate(tokenizer).isComplete()) {
      settings.put(CompanionFiles.CHAT_TEMPLATE, ChatTemplate.JINJA);
    }
    Files.write(
        directory.resolve(CompanionFiles.TOKENIZER_CONFIG), JSON.writeValueAsBytes(settings));
  }

  /** What {@code generate} of transformers starts from. */
  static void writeGeneration(@Nullable Integer begin, int end, Path directory) throws IOException {
    ObjectNode generation = JSON.createObjectNode();
    generation.put("bos_token_id", begin);
    generation.put("eos_token_id", end);
    generation.put("pad_token_id", end);
    generation.put("do_sample", true);
    generation.put("temperature", 1.0);
    Files.write(
        directory.resolve(CompanionFiles.GENERATION_CONFIG), JSON.writeValueAsBytes(generation));
  }
}
