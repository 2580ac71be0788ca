package io.millrace.standalone.demo;

import io.millrace.contracts.data.v1.ChatTurn;
import io.millrace.contracts.data.v1.Document;
import io.millrace.data.document.DocumentText;
import io.millrace.data.document.ExtraFields;
import io.millrace.data.document.JsonDocuments;
import io.millrace.language.chat.Role;
import io.millrace.platform.error.MillraceException;
import io.millrace.platform.registry.Content;
import io.millrace.standalone.demo.DemoFiles.NotTextException;
import io.millrace.standalone.terminal.UserError;
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
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import tools.jackson.databind.json.JsonMapper;

/**
 * Text to learn from: the sources of the running JDK, or a person's files.
 *
 * <p>Long files are cut at line ends into documents of bounded size; every character is kept. What
 * cannot be text is refused, or left out and named where it is one of many files.
 *
 * @param documents in the order of their names
 * @param notes what was left out, for the person to see
 */
public record DemoCorpus(List<TextDocument> documents, List<String> notes) {

  /**
   * Long enough to keep most source files together, short enough that a book becomes many
   * documents.
   */
  static final int DOCUMENT_CHARACTERS = 1 << 15;

  /** A longer line is hardly text, and could not be cut without tearing something apart. */
  static final int LINE_BYTES = 4 << 20;

  /**
   * The demo holds the whole text in memory, at the worst moment five times: as bytes, characters,
   * a string and documents, of up to two bytes a character. Half of the launcher's 2 GiB are the
   * platform's.
   */
  private static final long MOST_BYTES = 128L << 20;

  private static final String TOO_MUCH =
      "more than %d MiB of text, too much for the demo, which holds it in memory; send it to a platform that is up"
          .formatted(MOST_BYTES >> 20);

  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** Its documents have no labels; how long its sequences are does not matter here. */
  private static final Content ANY_TEXT = new Content.Text(1, null);

  private static final JsonDocuments JSON_LINES = new JsonDocuments(LINE_BYTES);

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
    } catch (NotTextException e) {
      throw e.asRefusal();
    } catch (IOException e) {
      throw new UserError(zip + " cannot be read: " + e.getMessage(), e);
    }
  }

  /**
   * A text file, a JSONL file of texts or conversations in the forms that uploads have, or the text
   * files below a directory.
   *
   * @throws UserError if the path is missing, or a file that is empty, binary or has an absurd
   *     line, or a directory without any other; if there is more text than the memory holds
   */
  static DemoCorpus ofPath(Path path) {
    if (!Files.exists(path)) {
      throw new UserError("--data " + path + " does not exist");
    }
    List<TextDocument> documents = new ArrayList<>();
    DemoFiles files = new DemoFiles();
    try {
      if (Files.isDirectory(path)) {
        long bytes = 0;
        for (Path file : DemoFiles.below(path)) {
          try {
            addFile(documents, path.relativize(file).toString(), file);
            bytes += Files.size(file);
          } catch (NotTextException e) {
            files.skip(e);
          }
          if (bytes > MOST_BYTES) {
            throw new UserError("--data " + path + " holds " + TOO_MUCH);
          }
        }
      } else {
        addFile(documents, String.valueOf(path.getFileName()), path);
      }
    } catch (NotTextException e) {
      throw e.asRefusal();
    } catch (IOException e) {
      throw new UserError("--data " + path + " cannot be read: " + e, e);
    }
    if (documents.isEmpty()) {
      throw new UserError(
          String.join(
              "; ",
              Stream.concat(
                      Stream.of("--data " + path + " holds no text file"), files.notes().stream())
                  .toList()));
    }
    return new DemoCorpus(documents, files.notes());
  }

  /** Whether the documents are conversations. */
  boolean isChat() {
    return documents.stream().allMatch(TextDocument::isChat);
  }

  private static void addFile(List<TextDocument> documents, String name, Path file)
      throws IOException, NotTextException {
    long size = Files.size(file);
    if (size == 0) {
      throw new NotTextException(name + " is empty");
    }
    if (size > MOST_BYTES) {
      throw new UserError(file + " is " + TOO_MUCH);
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
  private static void checkLines(Path file) throws IOException, NotTextException {
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
            throw new NotTextException(
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
      documents.add(documentOf(name, number, line));
    }
  }

  private static TextDocument documentOf(String name, int number, String line) {
    Document document;
    try {
      document = JSON_LINES.read(line.getBytes(StandardCharsets.UTF_8), ExtraFields.KEEP, ANY_TEXT);
    } catch (MillraceException e) {
      throw new UserError(name + ": line " + number + ": " + e.getMessage(), e);
    }
    String id = name + "#" + number;
    if (document.hasText() && !document.getText().isBlank()) {
      return new TextDocument(id, document.getText());
    }
    if (DocumentText.of(document).isBlank()) {
      throw new UserError(name + ": line " + number + " holds no text");
    }
    @SuppressWarnings("unchecked") // What is read as an object is a map.
    Map<String, Object> fields = JSON.readValue(line, Map.class);
    return new TextDocument(id, DocumentText.of(document), fields, questionOf(document));
  }

  private static String questionOf(Document document) {
    return document.getChat().getTurnsList().stream()
        .filter(turn -> turn.getRole().equals(Role.USER.label()))
        .map(ChatTurn::getText)
        .findFirst()
        .orElse("");
  }

  private static void addText(List<TextDocument> documents, String name, byte[] bytes)
      throws NotTextException {
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

  private static String decode(String name, byte[] bytes) throws NotTextException {
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] == 0) {
        throw new NotTextException(name + " is binary (byte 0 at position " + i + "), not text");
      }
    }
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new NotTextException(name + " is not UTF-8 text; convert it first");
    }
  }
}
