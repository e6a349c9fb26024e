package show

import (
	"encoding/xml"
	"fmt"
	"io"
	"math"
	"strings"

	"breakeven/flight"
	"breakeven/flight/geodesy"
)

// The parts of KML 2.2 that are written, and gx:Track of Google's extension, which has a time for each
// point.
type (
	kmlFile struct {
		XMLName  xml.Name `xml:"kml"`
		Space    string   `xml:"xmlns,attr"`
		Google   string   `xml:"xmlns:gx,attr"`
		Document kmlFolder
	}
	kmlFolder struct {
		Name    string         `xml:"name"`
		Styles  []kmlStyle     `xml:"Style"`
		Folders []kmlFolder    `xml:"Folder"`
		Places  []kmlPlacemark `xml:"Placemark"`
	}
	kmlStyle struct {
		ID   string   `xml:"id,attr"`
		Line kmlLook  `xml:"LineStyle"`
		Poly *kmlLook `xml:"PolyStyle"`
	}
	kmlLook struct {
		Color string `xml:"color"` // aabbggrr
		Width string `xml:"width,omitempty"`
	}
	kmlPlacemark struct {
		Name  string    `xml:"name"`
		Style string    `xml:"styleUrl"`
		Track *kmlTrack `xml:"gx:Track"`
		Line  *kmlLine  `xml:"LineString"`
		Areas *kmlAreas `xml:"MultiGeometry"`
	}
	kmlTrack struct {
		Mode   string   `xml:"altitudeMode"`
		When   []string `xml:"when"`
		Coords []string `xml:"gx:coord"`
	}
	kmlLine struct {
		Tessellate int    `xml:"tessellate"`
		Coords     string `xml:"coordinates"`
	}
	kmlAreas struct {
		Polygons []kmlPolygon `xml:"Polygon"`
	}
	kmlPolygon struct {
		Coords string `xml:"outerBoundaryIs>LinearRing>coordinates"`
	}
)

// KML writes predictions as KML 2.2: a folder for each flight with its plan, the known part, the truth,
// the alternatives and the ellipses at the usual look-aheads. Tracks have times, so that programs that
// can do so play them.
func KML(w io.Writer, predictions []flight.Prediction) error {
	k := kmlFile{Space: "http://www.opengis.net/kml/2.2", Google: "http://www.google.com/kml/ext/2.2"}
	k.Document = kmlFolder{Name: "Predicted flights"}
	for _, s := range [][2]string{{"plan", "ff808080"}, {"known", "ff303030"}, {"truth", "ff739e00"}, {"prediction", "ffb27200"}, {"alternative", "80b27200"}} {
		k.Document.Styles = append(k.Document.Styles, kmlStyle{ID: s[0], Line: kmlLook{s[1], "2"}})
	}
	k.Document.Styles = append(k.Document.Styles, kmlStyle{ID: "ellipse", Line: kmlLook{"80b27200", "1"}, Poly: &kmlLook{Color: "20b27200"}})
	for _, p := range predictions {
		k.Document.Folders = append(k.Document.Folders, folder(p))
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	e := xml.NewEncoder(w)
	e.Indent("", " ")
	if err := e.Encode(k); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

func folder(p flight.Prediction) kmlFolder {
	f := kmlFolder{Name: p.ID}
	if len(p.Plan) > 1 {
		f.Places = append(f.Places, kmlPlacemark{Name: "plan", Style: "#plan", Line: &kmlLine{1, coordinates(p.Plan)}})
	}
	track := func(name, style string, fixes []flight.Fix) {
		if len(fixes) > 1 {
			f.Places = append(f.Places, kmlPlacemark{Name: name, Style: "#" + style, Track: trackOf(fixes)})
		}
	}
	known, rest := parts(p)
	track("known", "known", known)
	track("truth", "truth", rest)
	for i, a := range p.Alternatives {
		if i == 0 {
			track("prediction", "prediction", fixesOf(a))
		} else {
			track(fmt.Sprintf("alternative %d", i+1), "alternative", fixesOf(a))
		}
	}
	if len(p.Alternatives) == 0 || len(known) == 0 {
		return f
	}
	for _, s := range marked(p, p.Alternatives[0].States) {
		for n := range deviations {
			var areas kmlAreas
			for _, ring := range cutRing(ellipse(s, float64(n+1))) {
				areas.Polygons = append(areas.Polygons, kmlPolygon{coordinates(ring)})
			}
			if areas.Polygons != nil {
				name := fmt.Sprintf("%g min, %d σ", math.Round((s.Time-known[len(known)-1].Time)/60), n+1)
				f.Places = append(f.Places, kmlPlacemark{Name: name, Style: "#ellipse", Areas: &areas})
			}
		}
	}
	return f
}

func trackOf(fixes []flight.Fix) *kmlTrack {
	t := &kmlTrack{Mode: "absolute"}
	if math.IsNaN(fixes[0].Alt) {
		t.Mode = "clampToGround"
	}
	for _, x := range fixes {
		height := 0.0
		if !math.IsNaN(x.Alt) {
			height = x.Alt * geodesy.Foot
		}
		t.When = append(t.When, utc(x.Time))
		t.Coords = append(t.Coords, fmt.Sprintf("%.6f %.6f %.1f", x.Lon, x.Lat, height))
	}
	return t
}

func coordinates(points []flight.Point) string {
	var words []string
	for _, p := range points {
		words = append(words, fmt.Sprintf("%.6f,%.6f", p.Lon, p.Lat))
	}
	return strings.Join(words, " ")
}
