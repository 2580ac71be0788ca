package io.millrace.data.upload;

import io.millrace.contracts.data.v1.Document;
import io.millrace.data.DataProperties;
import io.millrace.data.document.JsonDocuments;
import io.millrace.data.document.JsonObjects;
import io.millrace.platform.error.ErrorCode;
import io.millrace.platform.error.MillraceException;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Locale;
import org.springframework.stereotype.Component;
import tools.jackson.databind.node.ObjectNode;

/**
 * Appends the documents of a file by the ending of its name: each line of .jsonl and .ndjson, each
 * row of .csv and .tsv, each file of a .zip; any other is one text with its name as id and, where
 * the dataset has classes, the name of its folder as label. Any of them but a .zip may be packed,
 * .gz or .zst.
 */
@Component
class TextFiles {
  private final DataProperties settings;
  private final JsonDocuments json;
  private final TableDocuments tables;

  TextFiles(DataProperties settings) {
    int longest = Math.toIntExact(settings.line().toBytes());
    this.settings = settings;
    this.json = new JsonDocuments(longest);
    this.tables = new TableDocuments(longest, json);
  }

  /**
   * Appends a file.
   *
   * @return what was left out, one line each
   * @throws MillraceException about the first document that is refused, with its place
   */
  List<String> append(String name, InputStream in, UploadOptions options, Upload upload)
      throws IOException {
    try {
      InputStream content = Unpacked.file(in, name, settings.unpacked());
      String plain = Unpacked.nameOf(name);
      return switch (endingOf(plain)) {
        case "jsonl", "ndjson" -> lines(content, options, upload);
        case "csv" -> table(content, ',', options, upload);
        case "tsv" -> table(content, '\t', options, upload);
        case "zip" -> archive(content, options, upload);
        default -> {
          Document text = TextDocuments.read(content, plain, settings.document().toBytes());
          upload.append(FolderLabels.ofText(text, upload.content()));
          yield List.of();
        }
      };
    } catch (MillraceException e) {
      throw Upload.about("file '" + name + "'", e);
    }
  }

  /** Appends the documents of a JSONL stream. */
  List<String> lines(InputStream in, UploadOptions options, Upload upload) throws IOException {
    int longest = Math.toIntExact(settings.line().toBytes());
    return some(JsonLines.append(in, longest, json, options.forObjects(), upload));
  }

  /** Appends the documents of a JSON array, or the one that an object is. */
  List<String> json(InputStream in, UploadOptions options, Upload upload) throws IOException {
    long documents = 0;
    try (JsonObjects objects = json.objects(in)) {
      try {
        for (ObjectNode next = objects.next(); next != null; next = objects.next()) {
          upload.append(json.document(next, options.forObjects(), upload.content()));
          documents++;
        }
      } catch (MillraceException e) {
        throw objects.areListed() ? Upload.about("documents[" + documents + "]", e) : e;
      }
    }
    return some(documents);
  }

  /** Appends the rows of a table. */
  List<String> table(InputStream in, char separator, UploadOptions options, Upload upload)
      throws IOException {
    return some(tables.append(in, separator, options, upload));
  }

  /** Appends the files of an archive. */
  List<String> archive(InputStream in, UploadOptions options, Upload upload) throws IOException {
    Archive.Files files =
        (name, content) -> {
          if (endingOf(Unpacked.nameOf(name)).equals("zip")) {
            throw new MillraceException(
                ErrorCode.INVALID_ARGUMENT, "file '%s': an archive in an archive".formatted(name));
          }
          return append(name, content, options, upload);
        };
    return new Archive(files, settings.unpacked()).append(in);
  }

  private static List<String> some(long documents) {
    if (documents == 0) {
      throw new MillraceException(
          ErrorCode.INVALID_ARGUMENT, "the upload is empty: it holds no document");
    }
    return List.of();
  }

  private static String endingOf(String name) {
    return name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
  }
}
