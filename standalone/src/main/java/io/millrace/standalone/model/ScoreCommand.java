package io.millrace.standalone.model;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.millrace.language.generate.Constraint;
import io.millrace.language.generate.VocabularyMask;
import io.millrace.language.interchange.ModelScore;
import io.millrace.language.model.Decoder;
import io.millrace.language.tokenize.Tokenizer;
import io.millrace.standalone.terminal.UserError;
import io.millrace.standalone.up.Device;
import io.millrace.tensor.engine.TensorEngine;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.json.JsonMapper;

/** {@code millrace score}: the log-probability of every next token. */
@Command(
    name = "score",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Prints, as one line of JSON, the natural logarithm of the probability that a language model gives to each"
          + " token but the first, in float32.",
      "DIR is a folder written by ./millrace export, by Hugging Face transformers (DeepSeek-V3), or a checkpoint of"
          + " the platform (.millrace/objects/models/...)."
    })
public final class ScoreCommand implements Callable<Integer> {

  @Parameters(paramLabel = "DIR", description = "the model folder")
  private Path folder = Path.of(".");

  @ArgGroup(multiplicity = "1")
  private Input input = new Input();

  @Option(
      names = "--logits",
      paramLabel = "FILE",
      description = "writes ids and all logits [tokens, vocabulary] as safetensors too")
  private @Nullable Path logits;

  @Option(
      names = "--generate",
      paramLabel = "N",
      defaultValue = "0",
      description = "adds the N likeliest next token ids, one after the other")
  private int generate;

  @Option(
      names = "--device",
      defaultValue = "cpu",
      description = "auto, cpu or cuda:N (default: ${DEFAULT-VALUE})")
  private String device = "cpu";

  /** What to score. */
  static final class Input {
    @Option(
        names = "--ids",
        paramLabel = "ID",
        split = ",",
        required = true,
        description = "token ids with commas between them")
    private int @Nullable [] ids;

    @Option(
        names = "--text",
        required = true,
        description =
            "a text for the folder's tokenizer.json, which may put a token in front of it")
    private @Nullable String text;
  }

  /**
   * What is printed.
   *
   * @param ids the tokens
   * @param logProbs of {@code ids[1]}, {@code ids[2]}, ...
   * @param sum of them
   * @param generated null unless asked for
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Score(
      @JsonProperty("ids") int[] ids,
      @JsonProperty("log_probs") double[] logProbs,
      @JsonProperty("sum") double sum,
      @JsonProperty("generated") int @Nullable [] generated) {}

  @Override
  public Integer call() {
    if (generate < 0) {
      throw new UserError("--generate " + generate + " must not be negative");
    }
    if (logits != null && Files.isDirectory(logits)) {
      throw new UserError("--logits " + logits + " is a directory");
    }
    TensorEngine engine = Device.engine(device);
    try (Decoder decoder = ModelSource.decoder(engine, folder)) {
      int[] ids = ids();
      try (ModelScore score = ModelScore.of(engine, decoder, ids)) {
        double[] logProbs = score.logProbabilities();
        int[] generated = generate == 0 ? null : score.greedy(generate, constraint(decoder));
        if (logits != null) {
          score.writeLogits(logits);
        }
        System.out.println(
            JsonMapper.shared()
                .writeValueAsString(
                    new Score(ids, logProbs, Arrays.stream(logProbs).sum(), generated)));
      }
      return 0;
    } catch (IllegalArgumentException e) {
      throw new UserError(folder + ": " + e.getMessage(), e);
    } catch (UncheckedIOException e) {
      throw new UserError(String.valueOf(e.getMessage()), e);
    }
  }

  /** Rules out ids that the folder's tokenizer has no token for; without one, all may come. */
  private Constraint constraint(Decoder decoder) {
    Path file = folder.resolve(Tokenizer.FILE);
    return Files.exists(file)
        ? VocabularyMask.of(ModelSource.tokenizer(file), decoder.config().vocabSize())
        : Constraint.none();
  }

  private int[] ids() {
    if (input.ids != null) {
      return input.ids;
    }
    String text = input.text == null ? "" : input.text;
    return ModelSource.tokenizer(folder.resolve(Tokenizer.FILE)).encodeForModel(text);
  }
}
