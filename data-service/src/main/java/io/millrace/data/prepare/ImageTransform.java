package io.millrace.data.prepare;

import com.google.protobuf.MessageLite;
import io.millrace.contracts.data.v1.Document;
import io.millrace.contracts.data.v1.Image;
import io.millrace.contracts.data.v1.LabelledBox;
import io.millrace.contracts.data.v1.Sample;
import io.millrace.contracts.record.Samples;
import io.millrace.data.WindowLimits;
import io.millrace.data.document.PictureRules;
import io.millrace.data.document.RejectedDocumentException;
import io.millrace.vision.box.Box;
import io.millrace.vision.picture.InvalidPictureException;
import io.millrace.vision.picture.Picture;
import io.millrace.vision.picture.PictureLimits;
import io.millrace.vision.picture.PictureReader;
import io.millrace.vision.picture.Resampling;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/**
 * Decodes pictures to samples of their own size, larger ones scaled down to a limit with their
 * boxes; trainers bring them to their network's size. Boxes count in the picture as a person sees
 * it. A box that reaches beyond the picture is cut at its edge; one that has no area in it, or an
 * unknown label, rejects the picture.
 */
public final class ImageTransform implements WindowTransform<Sample> {
  private final String dataset;
  private final PictureReader reader = new PictureReader(PictureLimits.defaults());
  private final int longestSide;
  private final ClassIndex classes;

  /**
   * A transform for one dataset.
   *
   * @param longestSide of the samples in pixels; larger pictures are scaled down to it
   * @param classes labels in the order of their index
   */
  public ImageTransform(String dataset, int longestSide, List<String> classes) {
    this.dataset = dataset;
    this.longestSide = longestSide;
    this.classes = new ClassIndex(classes);
  }

  @Override
  public int most(WindowLimits limits) {
    return limits.images();
  }

  /** The sample of a picture; its sequence number is not known yet. */
  @Override
  public Sample prepare(Document document) throws RejectedDocumentException {
    if (!document.hasImage()) {
      throw new RejectedDocumentException(
          switch (document.getContentCase()) {
            case TEXT, CHAT, CONTINUATION -> "a text in a dataset of images";
            case ROW -> "a row in a dataset of images";
            case IMAGE, CONTENT_NOT_SET -> "a document without content";
          });
    }
    Image image = document.getImage();
    String fault = PictureRules.faultOf(image);
    if (!fault.isEmpty()) {
      throw new RejectedDocumentException(fault);
    }
    Picture picture;
    try {
      picture = reader.read(image.getEncoded().toByteArray(), document.getId());
    } catch (InvalidPictureException e) {
      throw new RejectedDocumentException(String.valueOf(e.getMessage()), e);
    }
    double scale = Resampling.scaleWithin(picture, longestSide);
    List<LabelledBox> boxes = new ArrayList<>(image.getBoxesCount());
    for (int i = 0; i < image.getBoxesCount(); i++) {
      boxes.add(box(i, image.getBoxes(i), picture, scale));
    }
    OptionalInt label = classes.ofDocument(document.getLabel());
    Picture stored = Resampling.within(picture, longestSide);
    Sample sample =
        Samples.of(
            dataset,
            0,
            document.getId(),
            stored.width(),
            stored.height(),
            stored.rgb(),
            (float) scale,
            boxes);
    return label.isPresent() ? sample.toBuilder().setClassIndex(label.getAsInt()).build() : sample;
  }

  @Override
  public List<Sample> records(List<Sample> documents, long firstSequenceNumber) {
    List<Sample> samples = new ArrayList<>(documents.size());
    for (Sample sample : documents) {
      samples.add(
          sample.toBuilder().setSequenceNumber(firstSequenceNumber + samples.size()).build());
    }
    return samples;
  }

  @Override
  public long tokens(Sample document) {
    return 0;
  }

  @Override
  public long boxes(Sample document) {
    return document.getBoxesCount();
  }

  @Override
  public long packedTokens(MessageLite record) {
    return 0;
  }

  private LabelledBox box(
      int index, io.millrace.contracts.data.v1.Box box, Picture picture, double scale)
      throws RejectedDocumentException {
    int label = classes.of(box.getLabel(), "box " + index);
    Box original = new Box(box.getX(), box.getY(), box.getWidth(), box.getHeight());
    Box inside = original.clip(picture.width(), picture.height());
    if (!(box.getWidth() > 0 && box.getHeight() > 0 && inside.area() > 0)) {
      throw new RejectedDocumentException(
          "box %d ('%s', %s x %s at %s, %s) has no area in the picture of %d x %d"
              .formatted(
                  index,
                  box.getLabel(),
                  box.getWidth(),
                  box.getHeight(),
                  box.getX(),
                  box.getY(),
                  picture.width(),
                  picture.height()));
    }
    Box scaled = inside.transform(scale, 0, 0);
    LabelledBox.Builder prepared = LabelledBox.newBuilder();
    if (box.hasArea()) {
      prepared.setArea((float) (box.getArea() * (scaled.area() / original.area())));
    }
    return prepared
        .setX((float) scaled.x())
        .setY((float) scaled.y())
        .setWidth((float) scaled.width())
        .setHeight((float) scaled.height())
        .setClassIndex(label)
        .setCrowd(box.getCrowd())
        .build();
  }
}
