package io.millrace.data.upload;

import io.millrace.platform.error.ErrorCode;
import io.millrace.platform.error.MillraceException;
import io.millrace.vision.annotation.SetFiles;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.springframework.util.FileSystemUtils;
import org.springframework.util.unit.DataSize;
import org.springframework.web.multipart.MultipartFile;

/**
 * Pictures and annotations of an upload, in a directory of their own until it is closed. They lie
 * there under numbers: a name that a client chose may be none that the file system takes, or lead
 * elsewhere.
 */
final class StoredFiles implements AutoCloseable {
  /** Largest annotation file; it is read into memory whole, and takes several times its size. */
  private static final DataSize LARGEST_ANNOTATION = DataSize.ofMegabytes(64);

  private final Path directory;
  private final DataSize largestPicture;
  private final Map<String, Path> files = new LinkedHashMap<>();

  private StoredFiles(Path directory, DataSize largestPicture) {
    this.directory = directory;
    this.largestPicture = largestPicture;
  }

  /** No files yet. */
  static StoredFiles create(DataSize largestPicture) throws IOException {
    return new StoredFiles(
        Files.createTempDirectory("millrace-upload").toAbsolutePath().normalize(), largestPicture);
  }

  /** One form for letters with marks, which macOS takes apart in file names. */
  static String nameOf(String given) {
    return Normalizer.normalize(given, Normalizer.Form.NFC);
  }

  /**
   * Keeps a file of a form; one that is too large is not read.
   *
   * @throws MillraceException PAYLOAD_TOO_LARGE
   */
  void add(String name, MultipartFile file) throws IOException {
    if (file.getSize() > limit(name)) {
      throw tooLarge(name, "%d bytes, the limit is %d".formatted(file.getSize(), limit(name)));
    }
    file.transferTo(place(name));
  }

  /**
   * Keeps a file of unknown length; of one that is too large no more is read than it may have.
   *
   * @throws MillraceException PAYLOAD_TOO_LARGE, or INVALID_ARGUMENT for a name that comes twice
   */
  void add(String name, InputStream content) throws IOException {
    long left = limit(name);
    byte[] buffer = new byte[1 << 16];
    try (OutputStream file = Files.newOutputStream(place(name))) {
      for (int count = content.read(buffer); count >= 0; count = content.read(buffer)) {
        left -= count;
        if (left < 0) {
          throw tooLarge(name, "more bytes than the limit of %d".formatted(limit(name)));
        }
        file.write(buffer, 0, count);
      }
    }
  }

  private Path place(String name) {
    Path place = directory.resolve(Integer.toString(files.size()));
    if (files.putIfAbsent(name, place) != null) {
      throw new MillraceException(
          ErrorCode.INVALID_ARGUMENT, "file '%s': its name comes twice".formatted(name));
    }
    return place;
  }

  private long limit(String name) {
    return (AnnotationFormat.isAnnotation(name) ? LARGEST_ANNOTATION : largestPicture).toBytes();
  }

  private static MillraceException tooLarge(String name, String size) {
    return new MillraceException(
        ErrorCode.PAYLOAD_TOO_LARGE, "file '%s' has %s".formatted(name, size));
  }

  /** The files as their annotations find them. */
  SetFiles set(String title) {
    return SetFiles.of(title, files);
  }

  /** Where each file is, by name, in the order in which they came. */
  Map<String, Path> byName() {
    return Collections.unmodifiableMap(files);
  }

  @Override
  public void close() throws IOException {
    FileSystemUtils.deleteRecursively(directory);
  }
}
