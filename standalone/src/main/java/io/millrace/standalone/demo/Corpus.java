package io.millrace.standalone.demo;

import io.millrace.standalone.UserError;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Text to learn from: the sources of the running JDK, or a person's files.
 *
 * <p>Long files are cut at line ends into documents of bounded size; every character is kept. What
 * cannot be text is refused, not skipped.
 */
public final class Corpus {

  /**
   * Long enough to keep most source files together, short enough that a book becomes many
   * documents.
   */
  static final int DOCUMENT_CHARACTERS = 1 << 15;

  /** A longer line is hardly text, and could not be cut without tearing something apart. */
  static final int LINE_BYTES = 4 << 20;

  private static final long FILE_BYTES = 2L << 30;
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private Corpus() {}

  /** The files of a package and its subpackages in {@code lib/src.zip} of the running JDK. */
  public static List<TextDocument> ofJdk(String packagePath) {
    Path zip = Path.of(System.getProperty("java.home"), "lib", "src.zip");
    if (!Files.isRegularFile(zip)) {
      throw new UserError(
          zip + " is not there: this JDK was installed without its sources; use --data FILE|DIR");
    }
    String prefix = "java.base/" + packagePath + "/";
    try (ZipFile file = new ZipFile(zip.toFile())) {
      List<TextDocument> documents = new ArrayList<>();
      List<? extends ZipEntry> entries =
          file.stream()
              .filter(e -> e.getName().startsWith(prefix) && e.getName().endsWith(".java"))
              .sorted(Comparator.comparing(ZipEntry::getName))
              .toList();
      for (ZipEntry entry : entries) {
        try (InputStream in = file.getInputStream(entry)) {
          addText(documents, entry.getName(), in.readAllBytes());
        }
      }
      if (documents.isEmpty()) {
        throw new UserError("no sources of package " + packagePath + " are in " + zip);
      }
      return documents;
    } catch (IOException e) {
      throw new UserError(zip + " cannot be read: " + e.getMessage(), e);
    }
  }

  /**
   * A text file, a JSONL file ({@code {"text": ...}} a line), or all files below a directory.
   *
   * @throws UserError if something is missing, empty, binary or has an absurd line
   */
  static List<TextDocument> ofPath(Path path) {
    if (!Files.exists(path)) {
      throw new UserError("--data " + path + " does not exist");
    }
    List<TextDocument> documents = new ArrayList<>();
    try {
      if (Files.isDirectory(path)) {
        try (Stream<Path> files = Files.walk(path)) {
          for (Path file : files.filter(Corpus::isVisibleFile).sorted().toList()) {
            addFile(documents, path.relativize(file).toString(), file);
          }
        }
      } else {
        addFile(documents, String.valueOf(path.getFileName()), path);
      }
    } catch (IOException e) {
      throw new UserError("--data " + path + " cannot be read: " + e.getMessage(), e);
    }
    if (documents.isEmpty()) {
      throw new UserError("--data " + path + " holds no text file");
    }
    return documents;
  }

  private static boolean isVisibleFile(Path file) {
    return Files.isRegularFile(file) && !String.valueOf(file.getFileName()).startsWith(".");
  }

  private static void addFile(List<TextDocument> documents, String name, Path file)
      throws IOException {
    long size = Files.size(file);
    if (size == 0) {
      throw new UserError(file + " is empty");
    }
    if (size > FILE_BYTES) {
      throw new UserError(file + " is larger than 2 GiB; split it");
    }
    checkLines(file);
    byte[] bytes = Files.readAllBytes(file);
    String lower = name.toLowerCase(Locale.ROOT);
    if (lower.endsWith(".jsonl") || lower.endsWith(".ndjson")) {
      addJsonLines(documents, name, decode(name, bytes));
    } else {
      addText(documents, name, bytes);
    }
  }

  /** Refuses a line longer than {@link #LINE_BYTES} before the file is read into memory. */
  private static void checkLines(Path file) throws IOException {
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
      byte[] buffer = new byte[1 << 16];
      long line = 1;
      long length = 0;
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        for (int i = 0; i < read; i++) {
          if (buffer[i] == '\n') {
            line++;
            length = 0;
          } else if (++length > LINE_BYTES) {
            throw new UserError(
                "%s: line %d is longer than %d MiB; break it into lines"
                    .formatted(file, line, LINE_BYTES >> 20));
          }
        }
      }
    }
  }

  private static void addJsonLines(List<TextDocument> documents, String name, String content) {
    int number = 0;
    for (String line : content.split("\n", -1)) {
      number++;
      if (line.isBlank()) {
        continue;
      }
      documents.add(new TextDocument(name + "#" + number, textOf(name, number, line)));
    }
  }

  private static String textOf(String name, int number, String line) {
    JsonNode node;
    try {
      node = JSON.readTree(line);
    } catch (JacksonException e) {
      throw new UserError(name + ": line " + number + " is not JSON: " + e.getOriginalMessage(), e);
    }
    JsonNode text = node.path("text");
    if (text.isString() && !text.asString().isEmpty()) {
      return text.asString();
    }
    JsonNode question = node.path("question");
    JsonNode answer = node.path("answer");
    if (question.isString() && answer.isString()) {
      return question.asString() + "\n" + answer.asString();
    }
    throw new UserError(
        name + ": line " + number + " has neither \"text\" nor \"question\" and \"answer\"");
  }

  private static void addText(List<TextDocument> documents, String name, byte[] bytes) {
    String text = decode(name, bytes);
    if (text.length() <= DOCUMENT_CHARACTERS) {
      documents.add(new TextDocument(name, text));
      return;
    }
    int part = 0;
    for (int start = 0; start < text.length(); ) {
      int end = Math.min(text.length(), start + DOCUMENT_CHARACTERS);
      if (end < text.length()) {
        int lineEnd = text.lastIndexOf('\n', end - 1);
        end = lineEnd > start ? lineEnd + 1 : afterWholeCharacter(text, end);
      }
      documents.add(new TextDocument(name + "#" + ++part, text.substring(start, end)));
      start = end;
    }
  }

  private static int afterWholeCharacter(String text, int end) {
    return Character.isHighSurrogate(text.charAt(end - 1)) ? end - 1 : end;
  }

  private static String decode(String name, byte[] bytes) {
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] == 0) {
        throw new UserError(name + " is binary (byte 0 at position " + i + "), not text");
      }
    }
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new UserError(name + " is not UTF-8 text; convert it first", e);
    }
  }
}
