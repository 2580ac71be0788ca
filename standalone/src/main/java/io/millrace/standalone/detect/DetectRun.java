package io.millrace.standalone.detect;

import io.millrace.standalone.terminal.UserError;
import io.millrace.standalone.terminal.UserFiles;
import io.millrace.vision.box.Detection;
import io.millrace.vision.picture.BoxPainter;
import io.millrace.vision.picture.InvalidPictureException;
import io.millrace.vision.picture.Picture;
import io.millrace.vision.picture.PictureLimits;
import io.millrace.vision.picture.PictureReader;
import io.millrace.vision.picture.PictureWriter;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Prints what is in pictures, one after the other, and draws it. */
final class DetectRun {

  private static final PictureLimits LIMITS = PictureLimits.defaults();
  private static final int MOST_BYTES = Math.toIntExact(LIMITS.maxBytes());

  private final DetectClient client;
  private final PrintStream out;
  private final PictureReader reader = new PictureReader(LIMITS);

  DetectRun(DetectClient client, PrintStream out) {
    this.client = client;
    this.out = out;
  }

  /**
   * Finds and prints.
   *
   * @param drawing file for the picture with its boxes; null: none
   * @throws UserError if the picture cannot be read, the drawing not be written, or the platform
   *     refuses
   */
  void find(Path image, @Nullable Path drawing) {
    byte[] encoded = UserFiles.read(image, MOST_BYTES);
    DetectClient.Answer answer = client.find(image.toString(), encoded);
    print(image, answer);
    if (drawing != null) {
      draw(image, encoded, answer, drawing);
    }
  }

  private void print(Path image, DetectClient.Answer answer) {
    out.printf(
        Locale.ROOT,
        "%s: %d x %d pixels, %d found by version %d%n",
        image,
        answer.width(),
        answer.height(),
        answer.detections().size(),
        answer.version());
    if (answer.detections().isEmpty()) {
      return;
    }
    int width = answer.detections().stream().mapToInt(one -> one.label().length()).max().orElse(0);
    String form = "  %-" + Math.max(width, 5) + "s  %5s %8s %8s %8s %8s%n";
    out.printf(form, "label", "score", "x", "y", "width", "height");
    for (Detection one : answer.detections()) {
      out.printf(
          Locale.ROOT,
          form,
          one.label(),
          number("%.3f", one.score()),
          number("%.1f", one.box().x()),
          number("%.1f", one.box().y()),
          number("%.1f", one.box().width()),
          number("%.1f", one.box().height()));
    }
  }

  private static String number(String form, double value) {
    return String.format(Locale.ROOT, form, value);
  }

  private void draw(Path image, byte[] encoded, DetectClient.Answer answer, Path drawing) {
    try {
      Picture picture = reader.read(encoded, image.toString());
      Path directory = drawing.toAbsolutePath().getParent();
      if (directory != null) {
        Files.createDirectories(directory);
      }
      PictureWriter.writePng(BoxPainter.paint(picture, answer.detections()), drawing);
      out.println("  drawn as " + drawing);
    } catch (InvalidPictureException e) {
      throw new UserError(String.valueOf(e.getMessage()), e);
    } catch (IOException e) {
      throw new UserError(drawing + " cannot be written: " + e.getMessage(), e);
    }
  }
}
