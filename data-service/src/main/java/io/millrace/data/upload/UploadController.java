package io.millrace.data.upload;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.millrace.contracts.data.v1.Document;
import io.millrace.data.DataProperties;
import io.millrace.data.dataset.DatasetService;
import io.millrace.platform.error.ErrorCode;
import io.millrace.platform.error.MillraceException;
import io.millrace.platform.registry.Content;
import io.millrace.platform.registry.DatasetEntry;
import io.swagger.v3.oas.annotations.Hidden;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.multipart.MultipartHttpServletRequest;

/**
 * Uploads. Documents are read, checked and sent one after another; the answer comes when Kafka has
 * all of them. An upload that is refused half-way keeps what came before: the message, and the
 * header {@code X-Millrace-Accepted}, say how many documents that are. One with an {@code
 * Idempotency-Key} may be sent again and adds nothing twice.
 */
@RestController
class UploadController {
  static final String ACCEPTED = "X-Millrace-Accepted";
  static final String DOCUMENT_ID = "X-Millrace-Document-Id";
  private static final String PATH = "/api/datasets/{name}/documents";
  private static final String CSV = "text/csv";
  private static final String TSV = "text/tab-separated-values";

  private final DatasetService datasets;
  private final DocumentAppender appender;
  private final MultipartDocuments multipart;
  private final TextFiles texts;
  private final PictureDocuments pictures;
  private final PictureArchives archives;
  private final DataProperties settings;

  UploadController(
      DatasetService datasets,
      DocumentAppender appender,
      MultipartDocuments multipart,
      TextFiles texts,
      PictureDocuments pictures,
      PictureArchives archives,
      DataProperties settings) {
    this.datasets = datasets;
    this.appender = appender;
    this.multipart = multipart;
    this.texts = texts;
    this.pictures = pictures;
    this.archives = archives;
    this.settings = settings;
  }

  /** The answer to an upload; {@code problems} says what was repaired or left out. */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  record Accepted(long accepted, List<String> problems) {}

  /** Documents as JSON: an object a line, or one object or an array of them. */
  @UploadDescription
  @PostMapping(
      path = PATH,
      consumes = {
        "application/x-ndjson",
        "application/ndjson",
        "application/jsonl",
        MediaType.APPLICATION_JSON_VALUE
      })
  Accepted objects(
      @PathVariable String name,
      @RequestParam(name = "extra_fields", required = false) @Nullable String extraFields,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    UploadOptions options = UploadOptions.of(extraFields, null, null, null);
    boolean lines = !typeOf(request).getSubtype().equals("json");
    return accept(
        datasets.require(name),
        request,
        response,
        (body, upload) ->
            lines ? texts.lines(body, options, upload) : texts.json(body, options, upload));
  }

  /** A table whose first row names the columns. */
  @Hidden // See UploadDescription.
  @PostMapping(
      path = PATH,
      consumes = {CSV, TSV})
  Accepted table(
      @PathVariable String name,
      @RequestParam(name = "extra_fields", required = false) @Nullable String extraFields,
      @RequestParam(required = false) @Nullable String column,
      @RequestParam(name = "id_column", required = false) @Nullable String idColumn,
      @RequestParam(name = "label_column", required = false) @Nullable String labelColumn,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    UploadOptions options = UploadOptions.of(extraFields, column, idColumn, labelColumn);
    char separator = typeOf(request).getSubtype().equals("csv") ? ',' : '\t';
    return accept(
        datasets.require(name),
        request,
        response,
        (body, upload) -> texts.table(body, separator, options, upload));
  }

  /** A zip archive of files of text, or of pictures. */
  @Hidden // See UploadDescription.
  @PostMapping(path = PATH, consumes = "application/zip")
  Accepted archive(
      @PathVariable String name,
      @RequestParam(name = "extra_fields", required = false) @Nullable String extraFields,
      @RequestParam(required = false) @Nullable String column,
      @RequestParam(name = "id_column", required = false) @Nullable String idColumn,
      @RequestParam(name = "label_column", required = false) @Nullable String labelColumn,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    UploadOptions options = UploadOptions.of(extraFields, column, idColumn, labelColumn);
    DatasetEntry dataset = datasets.require(name);
    return accept(
        dataset,
        request,
        response,
        (body, upload) ->
            switch (dataset.content()) {
              case Content.Text text -> texts.archive(body, options, upload);
              case Content.Rows rows -> texts.archive(body, options, upload);
              case Content.Pictures all -> archives.append(body, upload);
            });
  }

  @Hidden // See UploadDescription.
  @PostMapping(path = PATH, consumes = MediaType.TEXT_PLAIN_VALUE)
  Accepted text(
      @PathVariable String name,
      @RequestParam(required = false) @Nullable String id,
      @RequestParam(defaultValue = "") String label,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    // Not request.getCharacterEncoding(), which Spring sets to UTF-8 whatever the client said.
    Charset charset = typeOf(request).getCharset();
    if (charset != null && !charset.equals(StandardCharsets.UTF_8)) {
      throw new MillraceException(
          ErrorCode.UNSUPPORTED_MEDIA_TYPE, "text must be in UTF-8, not " + charset);
    }
    String given = id(id, request);
    return accept(
        datasets.require(name),
        request,
        response,
        (body, upload) -> {
          Document text = TextDocuments.read(body, given, settings.document().toBytes());
          upload.append(text.toBuilder().setLabel(label).build());
          return List.of();
        });
  }

  /**
   * One picture.
   *
   * @param boxes a JSON array as in a line of NDJSON; none: there is nothing in the picture
   */
  @Hidden // See UploadDescription.
  @PostMapping(
      path = PATH,
      consumes = {MediaType.IMAGE_PNG_VALUE, MediaType.IMAGE_JPEG_VALUE})
  Accepted picture(
      @PathVariable String name,
      @RequestParam(required = false) @Nullable String id,
      @RequestParam(defaultValue = "") String label,
      @RequestParam(required = false) @Nullable String boxes,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    String given = id(id, request);
    return accept(
        datasets.require(name),
        request,
        response,
        (body, upload) -> {
          Document picture = pictures.read(body, given, boxes);
          upload.append(picture.toBuilder().setLabel(label).build());
          return List.of();
        });
  }

  @Hidden // See UploadDescription.
  @PostMapping(path = PATH, consumes = MediaType.MULTIPART_FORM_DATA_VALUE)
  Accepted files(
      @PathVariable String name,
      @RequestParam(name = "extra_fields", required = false) @Nullable String extraFields,
      @RequestParam(required = false) @Nullable String column,
      @RequestParam(name = "id_column", required = false) @Nullable String idColumn,
      @RequestParam(name = "label_column", required = false) @Nullable String labelColumn,
      MultipartHttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    DatasetEntry dataset = datasets.require(name);
    UploadOptions options = UploadOptions.of(extraFields, column, idColumn, labelColumn);
    return accept(
        dataset,
        request.getHeader(UploadKey.HEADER),
        response,
        InputStream.nullInputStream(),
        upload -> multipart.append(request, dataset, options, upload));
  }

  private static MediaType typeOf(HttpServletRequest request) {
    return MediaType.parseMediaType(request.getContentType());
  }

  /** As the query gives it, else the header; empty: from the content. */
  private static String id(@Nullable String parameter, HttpServletRequest request) {
    return parameter != null
        ? parameter
        : Objects.requireNonNullElse(request.getHeader(DOCUMENT_ID), "");
  }

  /** Takes a body, unpacked as its Content-Encoding says. */
  private Accepted accept(
      DatasetEntry dataset,
      HttpServletRequest request,
      HttpServletResponse response,
      Body documents)
      throws IOException {
    String encoding = Objects.requireNonNullElse(request.getHeader("Content-Encoding"), "");
    InputStream raw = request.getInputStream();
    return accept(
        dataset,
        request.getHeader(UploadKey.HEADER),
        response,
        raw,
        upload -> documents.sendTo(Unpacked.body(raw, encoding, settings.unpacked()), upload));
  }

  private Accepted accept(
      DatasetEntry dataset,
      @Nullable String key,
      HttpServletResponse response,
      InputStream body,
      Source source)
      throws IOException {
    try (Upload upload = appender.begin(dataset, key)) {
      try {
        List<String> problems = source.sendTo(upload);
        return new Accepted(upload.finish(), problems);
      } catch (MillraceException e) {
        response.setHeader(ACCEPTED, Long.toString(upload.acceptedSoFar()));
        drain(body);
        throw upload.ended(e);
      }
    }
  }

  /** Reads a refused body to its end: a client that is still writing would not see the answer. */
  private static void drain(InputStream body) throws IOException {
    byte[] buffer = new byte[1 << 16];
    try {
      while (body.read(buffer) >= 0) {
        continue;
      }
    } catch (MillraceException e) {
      return; // Larger than a body may be; the connection will be closed.
    }
  }

  /** Where the documents of a request come from. */
  @FunctionalInterface
  private interface Source {
    /** Appends them; what was repaired or left out. */
    List<String> sendTo(Upload upload) throws IOException;
  }

  /** What the documents of a body are. */
  @FunctionalInterface
  private interface Body {
    /** Appends them; what was left out. */
    List<String> sendTo(InputStream body, Upload upload) throws IOException;
  }
}
