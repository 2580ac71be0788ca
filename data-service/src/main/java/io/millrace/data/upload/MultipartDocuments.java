package io.millrace.data.upload;

import io.millrace.data.DataProperties;
import io.millrace.platform.error.ErrorCode;
import io.millrace.platform.error.MillraceException;
import io.millrace.platform.registry.DatasetEntry;
import java.io.IOException;
import java.io.InputStream;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import org.springframework.stereotype.Component;
import org.springframework.web.multipart.MultipartFile;
import org.springframework.web.multipart.MultipartHttpServletRequest;

/** Appends the files of a form. */
@Component
class MultipartDocuments {
  private final DataProperties settings;

  MultipartDocuments(DataProperties settings) {
    this.settings = settings;
  }

  /**
   * Appends all files. Of texts: each {@code .jsonl} or {@code .ndjson} file line by line and every
   * other as one document with its name as id. Of images: pictures with their COCO or Pascal VOC
   * annotations.
   *
   * @return what the annotation reader repaired or left out, one line each
   */
  List<String> append(
      MultipartHttpServletRequest request, DatasetEntry dataset, JsonDocuments json, Upload upload)
      throws IOException {
    List<MultipartFile> files =
        request.getMultiFileMap().values().stream().flatMap(List::stream).toList();
    for (String field : Collections.list(request.getParameterNames())) {
      throw MillraceException.invalid(
          field, "form field '" + field + "' is no file; documents of a form are files");
    }
    if (files.isEmpty()) {
      throw new MillraceException(ErrorCode.INVALID_ARGUMENT, "the form holds no file");
    }
    return switch (dataset.kind()) {
      case TEXT -> {
        appendTexts(files, json, upload);
        yield List.of();
      }
      case IMAGES -> AnnotatedPictures.append(files, settings.document(), upload);
    };
  }

  private void appendTexts(List<MultipartFile> files, JsonDocuments json, Upload upload)
      throws IOException {
    for (MultipartFile file : files) {
      String name = String.valueOf(file.getOriginalFilename());
      try (InputStream in = file.getInputStream()) {
        appendText(name, in, json, upload);
      } catch (MillraceException e) {
        throw Upload.about("file '" + name + "'", e);
      }
    }
  }

  private void appendText(String name, InputStream in, JsonDocuments json, Upload upload)
      throws IOException {
    String lower = name.toLowerCase(Locale.ROOT);
    if (lower.endsWith(".jsonl") || lower.endsWith(".ndjson")) {
      int longest = Math.toIntExact(settings.line().toBytes());
      if (JsonLines.append(in, longest, json, upload) == 0) {
        throw new MillraceException(ErrorCode.INVALID_ARGUMENT, "the file holds no document");
      }
    } else {
      upload.append(TextDocuments.read(in, name, settings.document().toBytes()));
    }
  }
}
