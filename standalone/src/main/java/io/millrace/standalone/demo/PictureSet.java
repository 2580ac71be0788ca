package io.millrace.standalone.demo;

import io.millrace.data.document.PictureRules;
import io.millrace.standalone.terminal.UserError;
import io.millrace.vision.annotation.AnnotatedPicture;
import io.millrace.vision.annotation.AnnotationFolder;
import io.millrace.vision.annotation.AnnotationSet;
import io.millrace.vision.annotation.InvalidAnnotationException;
import io.millrace.vision.annotation.NamedBox;
import io.millrace.vision.picture.InvalidPictureException;
import io.millrace.vision.picture.PictureHeader;
import io.millrace.vision.picture.PictureLimits;
import io.millrace.vision.picture.PictureReader;
import io.millrace.vision.picture.PictureWriter;
import io.millrace.vision.scene.Scene;
import io.millrace.vision.scene.SceneRenderer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Pictures to learn from and others to be judged on.
 *
 * @param classes names in the order of their indices
 * @param width of the pictures as the detector sees them
 * @param height of the pictures as the detector sees them
 * @param notes what was repaired or left out while reading, for the person to see
 */
record PictureSet(
    List<String> classes,
    int width,
    int height,
    List<DemoPicture> train,
    List<DemoPicture> unseen,
    List<String> notes) {

  private static final int SIDE = 128;
  private static final int LONG_SIDE = 320;
  private static final int STRIDE = 32;
  private static final int MOST_UNSEEN = 128;
  private static final int UNSEEN_EVERY = 6;
  private static final int MOST_CLASSES = 10_000;

  /** Room for its boxes is left in a document of 8 MB. */
  private static final long LARGEST_PICTURE = (8L << 20) - (256 << 10);

  /** Scenes that are rendered now; the unseen ones come from another seed. */
  static PictureSet rendered(int train, int unseen, long seed) {
    return new PictureSet(
        SceneRenderer.classes(),
        SIDE,
        SIDE,
        scenes("train", train, seed),
        scenes("unseen", unseen, seed + 1),
        List.of());
  }

  /**
   * Annotated pictures of a folder: the published training part and another one, or else every
   * sixth picture is kept unseen.
   */
  static PictureSet ofFolder(Path folder) {
    AnnotationSet set;
    try {
      set = AnnotationFolder.read(folder);
    } catch (InvalidAnnotationException e) {
      throw new UserError("--data " + e.getMessage(), e);
    } catch (IOException e) {
      throw new UserError("--data " + folder + " cannot be read: " + e.getMessage(), e);
    }
    List<String> notes = new ArrayList<>(set.problems());
    requireSomethingToLearn(folder, set);
    List<DemoPicture> train = new ArrayList<>();
    List<DemoPicture> unseen = new ArrayList<>();
    boolean published = set.pictures().stream().anyMatch(p -> p.split().equals("train"));
    int index = 0;
    int tooMany = 0;
    for (AnnotatedPicture picture : set.pictures()) {
      boolean learned =
          published ? picture.split().equals("train") : index++ % UNSEEN_EVERY != UNSEEN_EVERY - 1;
      String fault = learned ? tooMuch(picture) : "";
      if (!fault.isEmpty()) {
        notes.add(picture.name() + ": " + fault + ", left out");
      } else if (learned) {
        train.add(picture(picture));
      } else if (unseen.size() < MOST_UNSEEN) {
        unseen.add(picture(picture));
      } else {
        tooMany++;
      }
    }
    if (tooMany > 0) {
      notes.add(
          "%d of %d pictures to be judged on left out, %d are enough for the demo"
              .formatted(tooMany, unseen.size() + tooMany, MOST_UNSEEN));
    }
    if (train.isEmpty() || unseen.isEmpty()) {
      throw new UserError(
          "--data %s has %d pictures to learn from and %d to be judged on; both are needed%s"
              .formatted(
                  folder,
                  train.size(),
                  unseen.size(),
                  notes.isEmpty() ? "" : " (noted: " + notes.getFirst() + ")"));
    }
    if (train.stream().allMatch(picture -> picture.boxes().isEmpty())) {
      throw nothingToLearn(folder, notes);
    }
    int[] size = size(train.getFirst());
    return new PictureSet(set.classes(), size[0], size[1], train, unseen, List.copyOf(notes));
  }

  private static void requireSomethingToLearn(Path folder, AnnotationSet set) {
    if (set.pictures().stream().allMatch(picture -> picture.boxes().isEmpty())) {
      throw nothingToLearn(folder, set.problems());
    }
    if (set.classes().size() > MOST_CLASSES) {
      throw new UserError(
          "--data %s has %d classes; at most %d can be learned"
              .formatted(folder, set.classes().size(), MOST_CLASSES));
    }
    for (String label : set.classes()) {
      if (label.length() > PictureRules.LONGEST_LABEL) {
        throw new UserError(
            "--data %s has a class name of %d characters, the limit is %d: '%s...'"
                .formatted(
                    folder, label.length(), PictureRules.LONGEST_LABEL, label.substring(0, 40)));
      }
    }
  }

  private static UserError nothingToLearn(Path folder, List<String> problems) {
    return new UserError(
        "--data %s has pictures to learn from, but not one box in them%s"
            .formatted(folder, problems.isEmpty() ? "" : " (" + problems.getFirst() + ")"));
  }

  /** What a dataset would refuse. */
  private static String tooMuch(AnnotatedPicture picture) {
    try {
      long bytes = Files.size(picture.file());
      if (bytes > LARGEST_PICTURE) {
        return bytes + " bytes; at most " + LARGEST_PICTURE + " are taken";
      }
    } catch (IOException e) {
      throw unreadable(picture, e);
    }
    return picture.boxes().size() > PictureRules.MOST_BOXES
        ? "%d boxes; at most %d are taken"
            .formatted(picture.boxes().size(), PictureRules.MOST_BOXES)
        : "";
  }

  private static List<DemoPicture> scenes(String name, int count, long seed) {
    SceneRenderer renderer = new SceneRenderer(SIDE, SIDE, seed);
    return IntStream.range(0, count)
        .parallel()
        .mapToObj(i -> {
          Scene scene = renderer.render(i);
          List<NamedBox> boxes =
              scene.boxes().stream()
                  .map(box ->
                      new NamedBox(box.box(), SceneRenderer.classes().get(box.classIndex()), false))
                  .toList();
          return DemoPicture.of(name + "-" + i, PictureWriter.png(scene.picture()), boxes);
        })
        .toList();
  }

  private static DemoPicture picture(AnnotatedPicture picture) {
    return new DemoPicture(
        picture.id(),
        () -> {
          try {
            return Files.readAllBytes(picture.file());
          } catch (IOException e) {
            throw unreadable(picture, e);
          }
        },
        picture.boxes());
  }

  private static UserError unreadable(AnnotatedPicture picture, IOException reason) {
    return new UserError(picture.file() + " cannot be read: " + reason.getMessage(), reason);
  }

  /** The first picture's shape with a long side that two cores can learn from, in whole strides. */
  private static int[] size(DemoPicture picture) {
    PictureHeader header;
    try {
      header = new PictureReader(PictureLimits.defaults()).header(picture.encoded(), picture.id());
    } catch (InvalidPictureException e) {
      throw new UserError("--data: " + e.getMessage(), e);
    }
    int width = header.displayedWidth();
    int height = header.displayedHeight();
    double scale = Math.min(1, (double) LONG_SIDE / Math.max(width, height));
    return new int[] {
      STRIDE * Math.max(2, Math.ceilDiv((int) Math.round(width * scale), STRIDE)),
      STRIDE * Math.max(2, Math.ceilDiv((int) Math.round(height * scale), STRIDE))
    };
  }
}
