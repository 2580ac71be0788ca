package io.millrace.data.upload;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.millrace.data.DataProperties;
import io.millrace.data.dataset.DatasetService;
import io.millrace.platform.error.ErrorCode;
import io.millrace.platform.error.MillraceException;
import io.millrace.platform.registry.DatasetEntry;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.List;
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
 * header {@code X-Millrace-Accepted}, say how many documents that are.
 */
@RestController
class UploadController {
  static final String ACCEPTED = "X-Millrace-Accepted";
  static final String DOCUMENT_ID = "X-Millrace-Document-Id";

  private final DatasetService datasets;
  private final DocumentAppender appender;
  private final MultipartDocuments multipart;
  private final DataProperties settings;
  private final JsonDocuments json;

  UploadController(
      DatasetService datasets,
      DocumentAppender appender,
      MultipartDocuments multipart,
      DataProperties settings) {
    this.datasets = datasets;
    this.appender = appender;
    this.multipart = multipart;
    this.settings = settings;
    this.json = new JsonDocuments(Math.toIntExact(settings.line().toBytes()));
  }

  /** The answer to an upload; {@code problems} says what was repaired or left out. */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  record Accepted(long accepted, List<String> problems) {}

  @PostMapping(
      path = "/api/datasets/{name}/documents",
      consumes = {"application/x-ndjson", "application/ndjson", "application/jsonl"})
  Accepted lines(
      @PathVariable String name, HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    DatasetEntry dataset = datasets.require(name);
    InputStream body = request.getInputStream();
    return accept(
        dataset,
        response,
        body,
        upload -> {
          if (appendLines(body, upload) == 0) {
            throw new MillraceException(
                ErrorCode.INVALID_ARGUMENT, "the upload is empty: it holds no document");
          }
          return List.of();
        });
  }

  @PostMapping(path = "/api/datasets/{name}/documents", consumes = MediaType.TEXT_PLAIN_VALUE)
  Accepted text(
      @PathVariable String name,
      @RequestParam(required = false) @Nullable String id,
      @RequestHeader(name = DOCUMENT_ID, required = false) @Nullable String idHeader,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    DatasetEntry dataset = datasets.require(name);
    // Not request.getCharacterEncoding(), which Spring sets to UTF-8 whatever the client said.
    Charset charset = MediaType.parseMediaType(request.getContentType()).getCharset();
    if (charset != null && !charset.equals(StandardCharsets.UTF_8)) {
      throw new MillraceException(
          ErrorCode.UNSUPPORTED_MEDIA_TYPE, "text must be in UTF-8, not " + charset);
    }
    InputStream body = request.getInputStream();
    return accept(
        dataset,
        response,
        body,
        upload -> {
          upload.append(
              TextDocuments.read(
                  body,
                  id != null ? id : idHeader == null ? "" : idHeader,
                  settings.document().toBytes()));
          return List.of();
        });
  }

  @PostMapping(
      path = "/api/datasets/{name}/documents",
      consumes = MediaType.MULTIPART_FORM_DATA_VALUE)
  Accepted files(
      @PathVariable String name, MultipartHttpServletRequest request, HttpServletResponse response)
      throws IOException {
    DatasetEntry dataset = datasets.require(name);
    return accept(
        dataset,
        response,
        InputStream.nullInputStream(),
        upload -> multipart.append(request, dataset, json, upload));
  }

  /** Appends the documents of a JSONL stream; their number. */
  private long appendLines(InputStream in, Upload upload) throws IOException {
    return JsonLines.append(in, Math.toIntExact(settings.line().toBytes()), json, upload);
  }

  private Accepted accept(
      DatasetEntry dataset, HttpServletResponse response, InputStream body, Source source)
      throws IOException {
    Upload upload = appender.begin(dataset);
    try {
      List<String> problems = source.sendTo(upload);
      return new Accepted(upload.finish(), problems);
    } catch (MillraceException e) {
      response.setHeader(ACCEPTED, Long.toString(upload.acceptedSoFar()));
      drain(body);
      throw upload.ended(e);
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
}
