//! What the product's use cases get.

use numo_app::{
    add_sender::SenderPorts, dispatch_run::DispatchPorts, erase_organisation::run::ErasurePorts,
    export::run::ExportPorts, ingest_delivery::IngestPorts, operator::OperatorPorts, sync_connection::SyncPorts,
};
use numo_testkit::memory_signup::MemorySignup;

use crate::world::World;

impl World {
    pub(super) fn sync_ports(&self) -> SyncPorts {
        SyncPorts {
            waker: self.waker.clone(),
            vault: self.vault.clone(),
            readers: self.ledger.readers(),
            events: self.events.clone(),
            number_keys: self.number_keys.clone(),
            clock: self.clock.clone(),
        }
    }

    pub(super) fn dispatch_ports(&self) -> DispatchPorts {
        DispatchPorts {
            waker: self.waker.clone(),
            vault: self.vault.clone(),
            checks: self.ledger.checks(),
            documents: self.ledger.documents(),
            messaging: self.meta.clone(),
            account: self.meta.clone(),
            events: self.events.clone(),
            number_keys: self.number_keys.clone(),
            clock: self.clock.clone(),
            timer: self.time.clone(),
        }
    }

    pub(super) fn export_ports(&self) -> ExportPorts {
        ExportPorts { waker: self.waker.clone(), bucket: self.bucket.clone(), clock: self.clock.clone() }
    }

    pub(super) fn erasure_ports(&self) -> ErasurePorts {
        ErasurePorts {
            waker: self.waker.clone(),
            vault: self.vault.clone(),
            exports: self.export_ports(),
            signup: MemorySignup::new(),
            organisations: self.post.clerk(),
            number_keys: self.number_keys.clone(),
            clock: self.clock.clone(),
        }
    }

    /// What entering numbers and choosing texts needs.
    pub fn sender_ports(&self) -> SenderPorts {
        SenderPorts { waker: self.waker.clone(), vault: self.vault.clone(), account: self.meta.clone() }
    }

    pub(super) fn ingest_ports(&self) -> IngestPorts {
        IngestPorts {
            store: self.waker.store.clone(),
            events: self.events.clone(),
            number_keys: self.number_keys.clone(),
            clock: self.clock.clone(),
        }
    }

    /// What operators get.
    pub fn operator_ports(&self) -> OperatorPorts {
        OperatorPorts { store: self.waker.store.clone(), ids: self.waker.ids.clone() }
    }
}
