package io.millrace.data.upload;

import io.millrace.platform.error.ErrorCode;
import io.millrace.platform.error.MillraceException;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipInputStream;
import org.springframework.util.unit.DataSize;

/**
 * Hands on the files of a zip archive as they come. Names that would lead out of it are refused.
 */
final class Archive {
  private static final int MOST_ENTRIES = 1_000_000;

  /** Files of the system that are named one by one; an archive made on macOS has many. */
  private static final int NAMED = 10;

  private final Files files;
  private final DataSize limit;

  /** What is done with a file. */
  @FunctionalInterface
  interface Files {
    /** Takes a file; what was left out of it, one line each. */
    List<String> take(String name, InputStream in) throws IOException;
  }

  /**
   * A reader.
   *
   * @param limit of all files together once they are unpacked
   */
  Archive(Files files, DataSize limit) {
    this.files = files;
    this.limit = limit;
  }

  /**
   * Hands on all files but those that only the system of who packed them knows.
   *
   * @return what was left out, one line each
   */
  List<String> append(InputStream in) throws IOException {
    List<String> problems = new ArrayList<>();
    ArchiveTail tail = new ArchiveTail(in);
    try (ZipInputStream zip = new ZipInputStream(tail)) {
      InputStream content = new Entry(Unpacked.within(zip, limit));
      int entries = 0;
      int ofTheSystem = 0;
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        if (++entries > MOST_ENTRIES) {
          throw invalid("the archive holds more than %d files".formatted(MOST_ENTRIES));
        }
        String name = checked(entry.getName());
        if (!entry.isDirectory() && isOfTheSystem(name)) {
          if (++ofTheSystem <= NAMED) {
            problems.add("%s is left out: a file of the system".formatted(name));
          }
        } else if (!entry.isDirectory()) {
          problems.addAll(files.take(name, content));
        }
        // Security: what nobody wants is unpacked on the way to the next file, and counts too.
        content.transferTo(OutputStream.nullOutputStream());
      }
      if (entries == 0) {
        throw invalid("it is no zip archive, or an empty one");
      }
      if (!tail.closes(entries)) {
        throw invalid(
            "the archive is cut off or damaged: its end does not fit its %d entries"
                .formatted(entries));
      }
      if (ofTheSystem > NAMED) {
        problems.add("and %d more files of the system".formatted(ofTheSystem - NAMED));
      }
      return problems;
    } catch (ZipException | IllegalArgumentException e) {
      // The latter is what names in no encoding end in.
      throw invalid("the archive cannot be read: " + e.getMessage());
    } catch (EOFException e) {
      throw invalid("the archive is cut off");
    }
  }

  private static String checked(String name) {
    boolean leads =
        name.startsWith("/")
            || name.contains("\\")
            || name.matches("^[A-Za-z]:.*")
            || List.of(name.split("/", -1)).contains("..");
    if (leads) {
      throw invalid("the archive holds '%s', a name that leads out of it".formatted(name));
    }
    return name;
  }

  /** macOS and Windows put these into every archive. */
  private static boolean isOfTheSystem(String name) {
    String file = name.substring(name.lastIndexOf('/') + 1).toLowerCase(Locale.ROOT);
    return name.startsWith("__MACOSX/")
        || name.contains("/__MACOSX/")
        || file.startsWith("._")
        || file.equals(".ds_store")
        || file.equals("thumbs.db")
        || file.equals("desktop.ini");
  }

  private static MillraceException invalid(String message) {
    return new MillraceException(ErrorCode.INVALID_ARGUMENT, message);
  }

  /** A file of the archive, which may be closed before the archive is. */
  private static final class Entry extends FilterInputStream {
    Entry(InputStream in) {
      super(in);
    }

    @Override
    public void close() {
      // The next file is read from the same stream.
    }
  }
}
