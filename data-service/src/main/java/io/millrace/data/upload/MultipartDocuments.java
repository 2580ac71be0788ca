package io.millrace.data.upload;

import io.millrace.data.DataProperties;
import io.millrace.platform.error.ErrorCode;
import io.millrace.platform.error.MillraceException;
import io.millrace.platform.registry.Content;
import io.millrace.platform.registry.DatasetEntry;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.springframework.stereotype.Component;
import org.springframework.web.multipart.MultipartFile;
import org.springframework.web.multipart.MultipartHttpServletRequest;

/** Appends the files of a form. */
@Component
class MultipartDocuments {
  /** Of the address, which a request gives among the fields of its form. */
  private static final Set<String> PARAMETERS =
      Set.of("extra_fields", "column", "id_column", "label_column");

  private final DataProperties settings;
  private final TextFiles texts;
  private final PictureArchives archives;

  MultipartDocuments(DataProperties settings, TextFiles texts, PictureArchives archives) {
    this.settings = settings;
    this.texts = texts;
    this.archives = archives;
  }

  /**
   * Appends all files: texts as {@link TextFiles} reads them, pictures with their annotations, or
   * zip archives of such pictures.
   *
   * @return what the annotation reader repaired or left out, one line each
   */
  List<String> append(
      MultipartHttpServletRequest request,
      DatasetEntry dataset,
      UploadOptions options,
      Upload upload)
      throws IOException {
    List<MultipartFile> files =
        request.getMultiFileMap().values().stream().flatMap(List::stream).toList();
    for (String field : Collections.list(request.getParameterNames())) {
      if (!PARAMETERS.contains(field)) {
        throw MillraceException.invalid(
            field, "form field '" + field + "' is no file; documents of a form are files");
      }
    }
    if (files.isEmpty()) {
      throw new MillraceException(ErrorCode.INVALID_ARGUMENT, "the form holds no file");
    }
    return switch (dataset.content()) {
      case Content.Text text -> texts(files, options, upload);
      case Content.Rows rows -> texts(files, options, upload);
      case Content.Pictures pictures -> pictures(files, upload);
    };
  }

  /** Each archive is a set of its own; the other files are one together. */
  private List<String> pictures(List<MultipartFile> files, Upload upload) throws IOException {
    List<String> problems = new ArrayList<>();
    List<MultipartFile> others = new ArrayList<>();
    for (MultipartFile file : files) {
      String name = String.valueOf(file.getOriginalFilename());
      if (!name.toLowerCase(Locale.ROOT).endsWith(".zip")) {
        others.add(file);
        continue;
      }
      try (InputStream in = file.getInputStream()) {
        problems.addAll(archives.append(in, upload));
      } catch (MillraceException e) {
        throw Upload.about("file '" + name + "'", e);
      }
    }
    if (!others.isEmpty()) {
      problems.addAll(PictureForm.append(others, settings.document(), upload));
    }
    return problems;
  }

  private List<String> texts(List<MultipartFile> files, UploadOptions options, Upload upload)
      throws IOException {
    List<String> problems = new ArrayList<>();
    for (MultipartFile file : files) {
      try (InputStream in = file.getInputStream()) {
        problems.addAll(
            texts.append(String.valueOf(file.getOriginalFilename()), in, options, upload));
      }
    }
    return problems;
  }
}
