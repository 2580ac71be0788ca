package io.millrace.data.upload;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.millrace.data.DataProperties;
import io.millrace.data.dataset.DatasetService;
import io.millrace.platform.error.ErrorCode;
import io.millrace.platform.error.MillraceException;
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
import org.springframework.web.bind.annotation.RequestHeader;
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
  private static final String CSV = "text/csv";
  private static final String TSV = "text/tab-separated-values";

  private final DatasetService datasets;
  private final DocumentAppender appender;
  private final MultipartDocuments multipart;
  private final TextFiles texts;
  private final PictureDocuments pictures;
  private final DataProperties settings;

  UploadController(
      DatasetService datasets,
      DocumentAppender appender,
      MultipartDocuments multipart,
      TextFiles texts,
      PictureDocuments pictures,
      DataProperties settings) {
    this.datasets = datasets;
    this.appender = appender;
    this.multipart = multipart;
    this.texts = texts;
    this.pictures = pictures;
    this.settings = settings;
  }

  /** The answer to an upload; {@code problems} says what was repaired or left out. */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  record Accepted(long accepted, List<String> problems) {}

  @UploadDescription
  @PostMapping(
      path = "/api/datasets/{name}/documents",
      consumes = {"application/x-ndjson", "application/ndjson", "application/jsonl"})
  Accepted lines(
      @PathVariable String name,
      @RequestParam(name = "extra_fields", required = false) @Nullable String extraFields,
      @RequestHeader(name = UploadKey.HEADER, required = false) @Nullable String key,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    UploadOptions options = UploadOptions.of(extraFields, null, null);
    return accept(
        name, key, request, response, (body, upload) -> texts.lines(body, options, upload));
  }

  /** A table whose first row names the columns. */
  @Hidden // See UploadDescription.
  @PostMapping(
      path = "/api/datasets/{name}/documents",
      consumes = {CSV, TSV})
  Accepted table(
      @PathVariable String name,
      @RequestParam(name = "extra_fields", required = false) @Nullable String extraFields,
      @RequestParam(required = false) @Nullable String column,
      @RequestParam(name = "id_column", required = false) @Nullable String idColumn,
      @RequestHeader(name = UploadKey.HEADER, required = false) @Nullable String key,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    UploadOptions options = UploadOptions.of(extraFields, column, idColumn);
    MediaType type = MediaType.parseMediaType(request.getContentType());
    char separator = type.getSubtype().equals("csv") ? ',' : '\t';
    return accept(
        name,
        key,
        request,
        response,
        (body, upload) -> texts.table(body, separator, options, upload));
  }

  /** A zip archive of files of text. */
  @Hidden // See UploadDescription.
  @PostMapping(path = "/api/datasets/{name}/documents", consumes = "application/zip")
  Accepted archive(
      @PathVariable String name,
      @RequestParam(name = "extra_fields", required = false) @Nullable String extraFields,
      @RequestParam(required = false) @Nullable String column,
      @RequestParam(name = "id_column", required = false) @Nullable String idColumn,
      @RequestHeader(name = UploadKey.HEADER, required = false) @Nullable String key,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    UploadOptions options = UploadOptions.of(extraFields, column, idColumn);
    return accept(
        name, key, request, response, (body, upload) -> texts.archive(body, options, upload));
  }

  @Hidden // See UploadDescription.
  @PostMapping(path = "/api/datasets/{name}/documents", consumes = MediaType.TEXT_PLAIN_VALUE)
  Accepted text(
      @PathVariable String name,
      @RequestParam(required = false) @Nullable String id,
      @RequestHeader(name = DOCUMENT_ID, required = false) @Nullable String idHeader,
      @RequestHeader(name = UploadKey.HEADER, required = false) @Nullable String key,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    // Not request.getCharacterEncoding(), which Spring sets to UTF-8 whatever the client said.
    Charset charset = MediaType.parseMediaType(request.getContentType()).getCharset();
    if (charset != null && !charset.equals(StandardCharsets.UTF_8)) {
      throw new MillraceException(
          ErrorCode.UNSUPPORTED_MEDIA_TYPE, "text must be in UTF-8, not " + charset);
    }
    String given = id(id, idHeader);
    return accept(
        name,
        key,
        request,
        response,
        (body, upload) -> {
          upload.append(TextDocuments.read(body, given, settings.document().toBytes()));
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
      path = "/api/datasets/{name}/documents",
      consumes = {MediaType.IMAGE_PNG_VALUE, MediaType.IMAGE_JPEG_VALUE})
  Accepted picture(
      @PathVariable String name,
      @RequestParam(required = false) @Nullable String id,
      @RequestHeader(name = DOCUMENT_ID, required = false) @Nullable String idHeader,
      @RequestParam(required = false) @Nullable String boxes,
      @RequestHeader(name = UploadKey.HEADER, required = false) @Nullable String key,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    String given = id(id, idHeader);
    return accept(
        name,
        key,
        request,
        response,
        (body, upload) -> {
          upload.append(pictures.read(body, given, boxes));
          return List.of();
        });
  }

  private static String id(@Nullable String parameter, @Nullable String header) {
    return parameter != null ? parameter : header == null ? "" : header;
  }

  @Hidden // See UploadDescription.
  @PostMapping(
      path = "/api/datasets/{name}/documents",
      consumes = MediaType.MULTIPART_FORM_DATA_VALUE)
  Accepted files(
      @PathVariable String name,
      @RequestParam(name = "extra_fields", required = false) @Nullable String extraFields,
      @RequestParam(required = false) @Nullable String column,
      @RequestParam(name = "id_column", required = false) @Nullable String idColumn,
      @RequestHeader(name = UploadKey.HEADER, required = false) @Nullable String key,
      MultipartHttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    DatasetEntry dataset = datasets.require(name);
    UploadOptions options = UploadOptions.of(extraFields, column, idColumn);
    return accept(
        dataset,
        key,
        response,
        InputStream.nullInputStream(),
        upload -> multipart.append(request, dataset, options, upload));
  }

  /** Takes a body, unpacked as its Content-Encoding says. */
  private Accepted accept(
      String name,
      @Nullable String key,
      HttpServletRequest request,
      HttpServletResponse response,
      Body documents)
      throws IOException {
    DatasetEntry dataset = datasets.require(name);
    String encoding = Objects.requireNonNullElse(request.getHeader("Content-Encoding"), "");
    InputStream raw = request.getInputStream();
    return accept(
        dataset,
        key,
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
