package io.millrace.standalone.classify;

import io.millrace.input.JsonMistake;
import io.millrace.standalone.terminal.UserError;
import io.millrace.standalone.terminal.UserFiles;
import io.millrace.vision.picture.PictureLimits;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** What a person wants to have classified. */
sealed interface GivenInput {

  /** Most bytes of a file. */
  int MOST_BYTES = Math.toIntExact(PictureLimits.defaults().maxBytes());

  /** What messages call it. */
  String name();

  /** The bytes of a PNG or JPEG file. */
  @SuppressWarnings("ArrayRecordComponent") // is never compared
  record Image(String name, byte[] encoded) implements GivenInput {}

  /** A text. */
  record Text(String name, String text) implements GivenInput {}

  /** Rows of a file, as the request takes them. */
  record Rows(String name, List<Map<String, Object>> rows) implements GivenInput {}

  /**
   * What an argument stands for: a picture or rows by the end of the file's name, another file's
   * text, or a text itself if there is no such file.
   *
   * @throws UserError if a file cannot be read, or is not what its name says
   */
  static GivenInput of(String argument) {
    String kind = argument.substring(argument.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
    boolean picture = kind.equals("png") || kind.equals("jpg") || kind.equals("jpeg");
    boolean rows = kind.equals("jsonl");
    Path file = file(argument);
    if (file == null || (!picture && !rows && Files.notExists(file))) {
      return new Text("'" + shortened(argument) + "'", argument);
    }
    byte[] content = UserFiles.read(file, MOST_BYTES);
    if (picture) {
      return new Image(argument, content);
    }
    String text = utf8(argument, content);
    return rows ? new Rows(argument, rows(argument, text)) : new Text(argument, text);
  }

  private static @org.jspecify.annotations.Nullable Path file(String argument) {
    try {
      return Path.of(argument);
    } catch (InvalidPathException e) {
      return null; // A text may hold what no file's name can.
    }
  }

  private static String shortened(String text) {
    String line = text.replaceAll("\\s+", " ").strip();
    return line.length() <= 40 ? line : line.substring(0, 39) + "…";
  }

  private static String utf8(String name, byte[] content) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(content)).toString();
    } catch (CharacterCodingException e) {
      throw new UserError(
          name + " is no text in UTF-8; pictures are files whose names end with .png or .jpg", e);
    }
  }

  private static List<Map<String, Object>> rows(String name, String text) {
    List<Map<String, Object>> rows = new ArrayList<>();
    int number = 0;
    for (String line : text.split("\n", -1)) {
      number++;
      if (line.isBlank()) {
        continue;
      }
      try {
        rows.add(JsonMapper.shared().readValue(line, new TypeReference<Map<String, Object>>() {}));
      } catch (JacksonException e) {
        throw new UserError(
            "%s, line %d: not an object with a number in each column: %s"
                .formatted(name, number, JsonMistake.reason(e)),
            e);
      }
    }
    if (rows.isEmpty()) {
      throw new UserError(name + " has no rows");
    }
    return rows;
  }
}
