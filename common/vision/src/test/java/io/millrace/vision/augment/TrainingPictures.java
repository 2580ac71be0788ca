package io.millrace.vision.augment;

import io.millrace.vision.box.Box;
import io.millrace.vision.box.LabelledBox;
import io.millrace.vision.picture.Picture;
import io.millrace.vision.view.Placement;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Pictures of one colour in which objects are white. */
final class TrainingPictures {

  private TrainingPictures() {}

  static LabelledBox object(double x, double y, double width, double height) {
    return new LabelledBox(new Box(x, y, width, height), 0, /* crowd= */ false);
  }

  static LabelledBox crowd(double x, double y, double width, double height) {
    return new LabelledBox(new Box(x, y, width, height), 0, /* crowd= */ true);
  }

  /** Shown as it is; objects must be of whole pixels. */
  static TrainingPicture of(int width, int height, int grey, LabelledBox... boxes) {
    Picture picture = Picture.filled(width, height, grey, grey, grey);
    for (LabelledBox one : boxes) {
      Box box = one.box();
      for (int y = (int) box.y(); y < box.bottom(); y++) {
        int row = 3 * y * width;
        Arrays.fill(
            picture.rgb(), row + 3 * (int) box.x(), row + 3 * (int) box.right(), (byte) 255);
      }
    }
    return new TrainingPicture(picture, List.of(boxes), Placement.identity(width, height));
  }

  static TrainingPicture noise(int width, int height, LabelledBox... boxes) {
    byte[] rgb = new byte[3 * width * height];
    new Random(width + boxes.length).nextBytes(rgb);
    return new TrainingPicture(
        new Picture(width, height, rgb), List.of(boxes), Placement.identity(width, height));
  }

  /** The same, as a picture of which every own pixel is shown as so many. */
  static TrainingPicture scaled(TrainingPicture one, double scale) {
    int width = one.picture().width();
    int height = one.picture().height();
    return new TrainingPicture(
        one.picture(), one.boxes(), new Placement(scale, 0, 0, width / scale, height / scale));
  }

  /** Whether all pixels of a box are white, and those around it are not. */
  static boolean isWhite(Picture picture, Box box) {
    for (int y = (int) Math.ceil(box.y()); y < Math.floor(box.bottom()); y++) {
      for (int x = (int) Math.ceil(box.x()); x < Math.floor(box.right()); x++) {
        if (picture.get(x, y, 0) < 250) {
          return false;
        }
      }
    }
    return true;
  }

  static long white(Picture picture) {
    long count = 0;
    for (int at = 0; at < picture.rgb().length; at += 3) {
      count += (picture.rgb()[at] & 0xff) >= 250 ? 1 : 0;
    }
    return count;
  }
}
