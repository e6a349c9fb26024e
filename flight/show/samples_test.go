package show

import (
	"math"

	"breakeven/flight"
	"breakeven/flight/geodesy"
)

// hostile is a name that would end a script, an element or an attribute.
const hostile = `</script><script>document.title='caught'</script><b>"&'`

// made returns a flight along a geodesic at 450 kt, and a prediction that turns off to the right by three degrees.
func made(id string, from flight.Point, course float64, fixes int) flight.Prediction {
	p := flight.Prediction{Known: 10}
	p.ID = id
	at := func(course float64, i int) flight.Point {
		q, _ := geodesy.Direct(from, course, 15*float64(i))
		return q
	}
	for i := range fixes {
		p.Fixes = append(p.Fixes, flight.Fix{Time: 1375344000 + 120*float64(i), Point: at(course, i), Alt: 30000 + 10*float64(i)})
	}
	p.Plan = flight.Plan{from, at(course-1, fixes/2), at(course, fixes-1)}
	for k := range 2 {
		a := flight.Alternative{Score: -float64(k)}
		for i := 10; i < fixes; i++ {
			q := at(course+3*float64(k+1)*float64(i-9)/float64(fixes), i)
			v := math.Pow(float64(i-9)/40, 2)
			s := flight.State{Time: 1375344000 + 120*float64(i), Mean: [5]float64{q.Lat, q.Lon, 30500}}
			s.Cov[0] = [5]float64{v, v / 2}
			s.Cov[1] = [5]float64{v / 2, 2 * v}
			s.Cov[2][2] = 4e4 * v
			a.States = append(a.States, s)
		}
		p.Alternatives = append(p.Alternatives, a)
	}
	return p
}

// cases are predictions with all that can be missing, and in places where maps are torn.
func cases() []flight.Prediction {
	whole := made("whole", flight.Point{Lat: 40, Lon: 20}, 60, 50)
	list := []flight.Prediction{whole, made(hostile, flight.Point{Lat: 44, Lon: 25}, 200, 40)}
	bare := made("bare", flight.Point{Lat: 47, Lon: 24}, 270, 40)
	bare.Plan, bare.Alternatives = nil, bare.Alternatives[:1]
	for i := range bare.Fixes {
		bare.Fixes[i].Alt = math.NaN()
	}
	for i := range bare.Alternatives[0].States {
		s := &bare.Alternatives[0].States[i]
		s.Mean[2], s.Cov = math.NaN(), [5][5]float64{}
	}
	future := made("future", flight.Point{Lat: 45, Lon: 15}, 90, 40)
	future.Fixes = future.Fixes[:10]
	silent := made("silent", flight.Point{Lat: 43, Lon: 15}, 90, 30)
	silent.Alternatives = nil
	return append(list, bare, future, silent)
}

// seams are flights across the antimeridian and over the poles.
func seams() map[string]flight.Prediction {
	return map[string]flight.Prediction{
		"antimeridian": made("antimeridian", flight.Point{Lat: 52, Lon: 165}, 80, 60),
		"north":        made("north", flight.Point{Lat: 78, Lon: -60}, 5, 70),
		"south":        made("south", flight.Point{Lat: -79, Lon: 170}, 180, 60),
		"argentina":    made("argentina", flight.Point{Lat: -35, Lon: -62}, 10, 30), // opposite to China
	}
}
