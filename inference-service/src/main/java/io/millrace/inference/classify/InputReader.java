package io.millrace.inference.classify;

import io.millrace.encoder.classify.Inputs;
import io.millrace.encoder.encode.PictureBatch;
import io.millrace.encoder.encode.TokenBatch;
import io.millrace.inference.classify.ClassificationRuntime.Taken;
import io.millrace.inference.picture.DataUrls;
import io.millrace.language.tokenize.Tokenizer;
import io.millrace.platform.error.MillraceException;
import io.millrace.vision.picture.InvalidPictureException;
import io.millrace.vision.picture.Picture;
import io.millrace.vision.picture.PictureLimits;
import io.millrace.vision.picture.PictureReader;
import io.millrace.vision.view.Letterbox;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Reads what a request wants classified as a model takes it. */
final class InputReader {

  /** The field that inputs come in. */
  static final String INPUTS = "inputs";

  /** Tokens of a text. */
  private static final int MOST_TOKENS = 32_768;

  /** Columns that a message names. */
  private static final int NAMED = 10;

  private final PictureReader pictures = new PictureReader(PictureLimits.defaults());

  /** Most inputs of a request, and how many are computed in one step. */
  record Limits(int most, int together) {}

  static Limits limits(Taken takes) {
    return switch (takes) {
      case Taken.Rows _ -> new Limits(4096, 512);
      case Taken.Texts _ -> new Limits(256, 8);
      case Taken.Pictures _ -> new Limits(64, 8);
    };
  }

  /**
   * Reads some inputs.
   *
   * @param first place of the first in the request
   * @throws MillraceException INVALID_ARGUMENT naming the input and what is wrong with it
   */
  Inputs read(Taken takes, List<ClassifyInput> inputs, int first) {
    return switch (takes) {
      case Taken.Rows(List<String> columns) -> rows(columns, inputs, first);
      case Taken.Texts(Tokenizer tokenizer, int longest) ->
          texts(tokenizer, Math.min(longest, MOST_TOKENS), inputs, first);
      case Taken.Pictures size -> pictures(size, inputs, first);
    };
  }

  private static MillraceException invalid(int place, String what) {
    return MillraceException.invalid(INPUTS, "%s[%d] %s".formatted(INPUTS, place, what));
  }

  private static Inputs rows(List<String> columns, List<ClassifyInput> inputs, int first) {
    ByteBuffer values = Inputs.Rows.buffer(Math.multiplyExact(inputs.size(), columns.size()));
    for (int i = 0; i < inputs.size(); i++) {
      int place = first + i;
      switch (inputs.get(i)) {
        case ClassifyInput.Row(Map<String, Double> numbers) ->
            addRow(columns, numbers, place, values);
        case ClassifyInput other ->
            throw invalid(
                place,
                "is %s, the model takes rows: objects with the columns %s"
                    .formatted(other.kind(), named(columns)));
      }
    }
    return new Inputs.Rows(values.flip(), columns.size());
  }

  private static void addRow(
      List<String> columns, Map<String, Double> numbers, int place, ByteBuffer values) {
    for (String column : columns) {
      Double number = numbers.get(column);
      if (number == null) {
        throw invalid(
            place, "has no column '%s'; the model takes %s".formatted(column, named(columns)));
      }
      if (!Float.isFinite(number.floatValue())) {
        throw invalid(
            place,
            "has %s in column '%s', which is no finite number of single precision"
                .formatted(number, column));
      }
      values.putFloat(number.floatValue());
    }
    if (numbers.size() > columns.size()) {
      String unknown =
          numbers.keySet().stream()
              .filter(name -> !columns.contains(name))
              .sorted()
              .findFirst()
              .orElse("");
      throw invalid(
          place,
          "has a column '%s' that the model does not know; it takes %s"
              .formatted(unknown, named(columns)));
    }
  }

  private static String named(List<String> columns) {
    String some = columns.stream().limit(NAMED).collect(Collectors.joining(", "));
    return columns.size() > NAMED ? "%s and %d more".formatted(some, columns.size() - NAMED) : some;
  }

  /** As texts are prepared for training: what they say is never a special token, but their end. */
  private static Inputs texts(
      Tokenizer tokenizer, int longest, List<ClassifyInput> inputs, int first) {
    List<int[]> tokens = new ArrayList<>();
    for (ClassifyInput input : inputs) {
      int place = first + tokens.size();
      if (!(input instanceof ClassifyInput.Written(String text))) {
        throw invalid(place, "is %s, the model takes texts".formatted(input.kind()));
      }
      if (text.isBlank()) {
        throw invalid(place, "is an empty text");
      }
      int[] ids = tokenizer.encode(text);
      if (ids.length >= longest) {
        throw invalid(
            place, "has %d tokens, a text can have %d".formatted(ids.length, longest - 1));
      }
      int[] ended = Arrays.copyOf(ids, ids.length + 1);
      ended[ids.length] = tokenizer.endOfDocument();
      tokens.add(ended);
    }
    return new Inputs.Documents(TokenBatch.of(tokens.toArray(int[][]::new)));
  }

  private Inputs pictures(Taken.Pictures size, List<ClassifyInput> inputs, int first) {
    Letterbox view = new Letterbox(size.width(), size.height());
    List<Picture> shown = new ArrayList<>();
    for (ClassifyInput input : inputs) {
      int place = first + shown.size();
      String name = "%s[%d]".formatted(INPUTS, place);
      byte[] encoded =
          switch (input) {
            case ClassifyInput.Image(byte[] bytes) -> bytes;
            case ClassifyInput.Written(String text) -> DataUrls.decode(INPUTS, name, text);
            case ClassifyInput.Row row ->
                throw invalid(
                    place,
                    "is %s, the model takes pictures: files, data URLs or base64"
                        .formatted(row.kind()));
          };
      try {
        shown.add(view.show(pictures.read(encoded, name)).picture());
      } catch (InvalidPictureException e) {
        throw MillraceException.invalid(INPUTS, String.valueOf(e.getMessage()));
      }
    }
    return new Inputs.Documents(PictureBatch.of(shown));
  }
}
