//! The instruments of the catalogue.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use opentelemetry::KeyValue;
use opentelemetry::metrics::{AsyncInstrument, Counter, Histogram, Meter, MeterProvider};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::metrics::{MeterProviderBuilder, SdkMeterProvider, Stream};
use prometheus::Registry;
use uuid::Uuid;

use super::attribute::Attribute;
use super::catalogue::{Kind, Metric};
use super::tenants::{TenantAlias, TenantAliases};

/// The meters of the process: one instrument for each metric of the catalogue that is not observed.
pub struct Meters {
    provider: SdkMeterProvider,
    meter: Meter,
    /// In the order of the catalogue.
    instruments: Vec<Instrument>,
    registry: Registry,
    tenants: Arc<ArcSwap<TenantAliases>>,
}

enum Instrument {
    Counter(Counter<u64>),
    Histogram(Histogram<f64>),
    Observed,
}

/// Takes the values of a gauge while metrics are collected.
pub struct Readings<'a> {
    metric: Metric,
    instrument: &'a dyn AsyncInstrument<f64>,
    tenants: &'a ArcSwap<TenantAliases>,
}

impl Readings<'_> {
    /// The gauge has this value. What is no number of 52 bits is rounded.
    #[expect(clippy::cast_precision_loss, reason = "no count of ours comes near 2^52")]
    pub fn value(&mut self, value: u64, attributes: &[(Attribute, &'static str)]) {
        self.number(value as f64, attributes);
    }

    /// The gauge has some value under these attributes, whatever they are.
    #[cfg(test)]
    pub(crate) fn made_up(&mut self, attributes: &[KeyValue]) {
        self.instrument.observe(1.0, attributes);
    }

    /// The gauge has this value, which may be below zero.
    #[expect(clippy::cast_precision_loss, reason = "no count of ours comes near 2^52")]
    pub fn signed(&mut self, value: i64, attributes: &[(Attribute, &'static str)]) {
        self.number(value as f64, attributes);
    }

    /// The gauge has this value at `place`, a host that is configured.
    #[expect(clippy::cast_precision_loss, reason = "no count of ours comes near 2^52")]
    pub fn value_at(&mut self, place: &Arc<str>, value: u64, attributes: &[(Attribute, &'static str)]) {
        let mut attributes: Vec<_> =
            attributes.iter().map(|(attribute, word)| attribute.with(*word)).collect();
        attributes.push(Attribute::ServerAddress.with(Arc::clone(place)));
        self.instrument.observe(value as f64, &attributes);
    }

    /// The gauge has these values, by tenant; of those that share a name, the lowest.
    #[expect(clippy::cast_precision_loss, reason = "no count of ours comes near 2^52")]
    pub fn lowest_of_tenants(&mut self, values: impl IntoIterator<Item = (Uuid, u64)>) {
        let aliases = self.tenants.load();
        let mut lowest: BTreeMap<String, (TenantAlias, u64)> = BTreeMap::new();
        for (tenant, value) in values {
            let alias = aliases.of(tenant);
            let entry = lowest.entry(alias.to_string()).or_insert((alias, value));
            entry.1 = entry.1.min(value);
        }
        for (alias, value) in lowest.into_values() {
            self.instrument.observe(value as f64, &[Attribute::Tenant.with(alias)]);
        }
    }

    /// The counter or gauge has this value, in seconds.
    pub fn seconds(&mut self, value: Duration, attributes: &[(Attribute, &'static str)]) {
        self.number(value.as_secs_f64(), attributes);
    }

    fn number(&mut self, value: f64, attributes: &[(Attribute, &'static str)]) {
        let attributes: Vec<_> = attributes.iter().map(|(attribute, word)| attribute.with(*word)).collect();
        self.instrument.observe(value, &attributes);
    }
}

impl Meters {
    /// Meters that a scrape can read, and whatever else `extend` adds.
    pub(crate) fn new(
        resource: Resource,
        extend: impl FnOnce(MeterProviderBuilder) -> MeterProviderBuilder,
    ) -> OTelSdkResultOf<Self> {
        let registry = Registry::new();
        let scrape = opentelemetry_prometheus::exporter()
            .with_registry(registry.clone())
            .scope_info_enabled(false)
            .build()?;
        let provider = extend(SdkMeterProvider::builder().with_resource(resource).with_reader(scrape))
            .with_view(|instrument: &opentelemetry_sdk::metrics::Instrument| {
                let metric = Metric::ALL.iter().find(|metric| metric.name() == instrument.name())?;
                Stream::builder().with_cardinality_limit(metric.most_sets()).build().ok()
            })
            .build();
        let meter = provider.meter("m365-connector");
        let instruments = Metric::ALL.iter().map(|metric| instrument(&meter, *metric)).collect();
        Ok(Self { provider, meter, instruments, registry, tenants: Arc::default() })
    }

    pub(crate) fn add(&self, metric: Metric, count: u64, attributes: &[KeyValue]) {
        debug_assert!(
            are_known(metric, attributes),
            "{metric:?} has attributes that its catalogue entry lacks"
        );
        match self.instruments.get(metric as usize) {
            Some(Instrument::Counter(counter)) => counter.add(count, attributes),
            _ => debug_assert!(false, "{metric:?} is no counter"),
        }
    }

    pub(crate) fn record(&self, metric: Metric, duration: Duration, attributes: &[KeyValue]) {
        debug_assert!(
            are_known(metric, attributes),
            "{metric:?} has attributes that its catalogue entry lacks"
        );
        match self.instruments.get(metric as usize) {
            Some(Instrument::Histogram(histogram)) => histogram.record(duration.as_secs_f64(), attributes),
            _ => debug_assert!(false, "{metric:?} is no histogram"),
        }
    }

    /// Reads an observed metric at each collection.
    pub(crate) fn observe(&self, metric: Metric, read: impl Fn(&mut Readings<'_>) + Send + Sync + 'static) {
        let tenants = Arc::clone(&self.tenants);
        match metric.kind() {
            Kind::Gauge => {
                self.meter
                    .f64_observable_gauge(metric.name())
                    .with_unit(metric.unit())
                    .with_description(metric.description())
                    .with_callback(move |gauge| {
                        read(&mut Readings { metric, instrument: gauge, tenants: &tenants });
                    })
                    .build();
            }
            Kind::ObservedCounter => {
                self.meter
                    .f64_observable_counter(metric.name())
                    .with_unit(metric.unit())
                    .with_description(metric.description())
                    .with_callback(move |counter| {
                        read(&mut Readings { metric, instrument: counter, tenants: &tenants });
                    })
                    .build();
            }
            Kind::Counter | Kind::Histogram(_) => debug_assert!(false, "{metric:?} is not observed"),
        }
    }

    /// Measures these tenants by name from now on, as far as there are names.
    pub(crate) fn name_tenants(&self, tenants: &[(Uuid, Option<TenantAlias>)]) {
        self.tenants.rcu(|aliases| aliases.following(tenants.iter().cloned()));
    }

    pub(crate) fn alias_of(&self, tenant: Uuid) -> TenantAlias {
        self.tenants.load().of(tenant)
    }

    pub(super) fn registry(&self) -> &Registry {
        &self.registry
    }

    /// Sends what is left to a collector, if there is one.
    pub(crate) fn shutdown(&self, timeout: Duration) -> OTelSdkResult {
        self.provider.shutdown_with_timeout(timeout)
    }
}

type OTelSdkResultOf<T> = Result<T, opentelemetry_sdk::error::OTelSdkError>;

fn instrument(meter: &Meter, metric: Metric) -> Instrument {
    match metric.kind() {
        Kind::Counter => {
            let counter = meter
                .u64_counter(metric.name())
                .with_unit(metric.unit())
                .with_description(metric.description())
                .build();
            for attributes in metric.counted_from_zero() {
                counter.add(0, &attributes);
            }
            Instrument::Counter(counter)
        }
        Kind::Histogram(bounds) => Instrument::Histogram(
            meter
                .f64_histogram(metric.name())
                .with_unit(metric.unit())
                .with_description(metric.description())
                .with_boundaries(bounds.to_vec())
                .build(),
        ),
        Kind::Gauge | Kind::ObservedCounter => Instrument::Observed,
    }
}

fn are_known(metric: Metric, attributes: &[KeyValue]) -> bool {
    attributes
        .iter()
        .all(|given| metric.attributes().iter().any(|attribute| attribute.key() == given.key.as_str()))
}

impl fmt::Debug for Meters {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Meters").field("instruments", &self.instruments.len()).finish_non_exhaustive()
    }
}

impl fmt::Debug for Readings<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Readings").field("metric", &self.metric).finish_non_exhaustive()
    }
}
