package io.millrace.benchmarks.represent;

import io.millrace.encoder.encode.EncoderBatch;
import io.millrace.encoder.encode.PictureBatch;
import io.millrace.vision.annotation.AnnotatedPicture;
import io.millrace.vision.annotation.AnnotationFolder;
import io.millrace.vision.annotation.AnnotationSet;
import io.millrace.vision.annotation.NamedBox;
import io.millrace.vision.box.Box;
import io.millrace.vision.picture.Picture;
import io.millrace.vision.picture.PictureLimits;
import io.millrace.vision.picture.PictureReader;
import io.millrace.vision.picture.Resampling;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Square cut-outs of annotated pictures at one size. */
record Crops(List<Picture> pictures, List<Integer> labels) implements Documents {

  /** A raw picture is so many pixels wide. */
  private static final int RAW = 16;

  /** How much of the surroundings a cut-out shows. */
  private static final double CONTEXT = 1.25;

  /** A nucleus seldom is smaller. */
  private static final double LEAST = 8;

  /** Blood cells: each box is a document, its label the class. */
  static LabelledSet blood(Path folder, int side) throws IOException {
    AnnotationSet set = AnnotationFolder.read(folder);
    return new LabelledSet(
        set.classes(),
        cut(set, side, "train", set.classes(), /* background= */ false),
        cut(set, side, "test", set.classes(), /* background= */ false));
  }

  /** Nuclei, and as many cut-outs of the same sizes whose middle is in none. */
  static LabelledSet nuclei(Path folder, int side) throws IOException {
    AnnotationSet set = AnnotationFolder.read(folder);
    String judged =
        set.pictures().stream().anyMatch(one -> one.split().equals("test")) ? "test" : "val";
    return new LabelledSet(
        List.of("nucleus", "background"),
        cut(set, side, "train", set.classes(), /* background= */ true),
        cut(set, side, judged, set.classes(), /* background= */ true));
  }

  private static Crops cut(
      AnnotationSet set, int side, String split, List<String> classes, boolean background)
      throws IOException {
    PictureReader reader = new PictureReader(PictureLimits.defaults());
    Crops crops = new Crops(new ArrayList<>(), new ArrayList<>());
    Random random = new Random(split.hashCode());
    for (AnnotatedPicture annotated : set.pictures()) {
      if (!annotated.split().equals(split)) {
        continue;
      }
      Picture picture = reader.read(Files.readAllBytes(annotated.file()), annotated.name());
      for (NamedBox one : annotated.boxes()) {
        Box box = one.box();
        if (box.area() == 0 || (background && Math.min(box.width(), box.height()) < LEAST)) {
          continue; // Some boxes of both sets have no area, or show nothing at this size.
        }
        double size = CONTEXT * Math.max(box.width(), box.height());
        double x = box.x() + box.width() / 2;
        double y = box.y() + box.height() / 2;
        crops.add(picture, x, y, size, side, classes.indexOf(one.label()));
        if (background) {
          crops.addBackground(picture, annotated.boxes(), size, side, random);
        }
      }
    }
    return crops;
  }

  private void addBackground(
      Picture picture, List<NamedBox> boxes, double size, int side, Random random) {
    for (int attempt = 0; attempt < 20; attempt++) {
      double x = random.nextDouble() * picture.width();
      double y = random.nextDouble() * picture.height();
      boolean inside =
          boxes.stream()
              .map(NamedBox::box)
              .anyMatch(box -> x >= box.x() && x < box.right() && y >= box.y() && y < box.bottom());
      if (!inside) {
        add(picture, x, y, size, side, 1);
        return;
      }
    }
  }

  /** Cut around a place, moved into the picture where it would reach beyond. */
  private void add(Picture picture, double x, double y, double size, int side, int label) {
    int cut = (int) Math.min(Math.ceil(size), Math.min(picture.width(), picture.height()));
    int left = (int) Math.clamp(Math.round(x - cut / 2.0), 0, picture.width() - cut);
    int top = (int) Math.clamp(Math.round(y - cut / 2.0), 0, picture.height() - cut);
    Picture part = picture.part(left, top, cut, cut);
    pictures.add(Resampling.scale(part, (double) side / cut, side, side));
    labels.add(label);
  }

  @Override
  public int size() {
    return pictures.size();
  }

  @Override
  public int label(int document) {
    return labels.get(document);
  }

  @Override
  public EncoderBatch batch(List<Integer> documents) {
    return PictureBatch.of(documents.stream().map(pictures::get).toList());
  }

  /** Pixels, scaled down. */
  @Override
  public float[] raw(int document) {
    Picture picture = pictures.get(document);
    Picture small = Resampling.scale(picture, (double) RAW / picture.width(), RAW, RAW);
    float[] values = new float[small.rgb().length];
    for (int i = 0; i < values.length; i++) {
      values[i] = small.rgb()[i] & 0xff;
    }
    return values;
  }
}
