//! The holder of each page of the region, and the writes that may still land there.

use crate::adapters::pd_l2_adapter::{
    protocol::{Epoch, SlotTicket},
    simulation::memory::pages,
};

/// The pages of the current region.
#[derive(Debug)]
pub(in super::super) struct Tenancies {
    pages: Vec<Page>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Page {
    tenant: Option<Tenant>,
    /// Pieces of writes that may still land.
    may_land: u32,
}

/// The last holder of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) struct Tenant {
    pub(in super::super) ticket: SlotTicket,
    pub(in super::super) epoch: Epoch,
    pub(in super::super) key: usize,
}

impl Tenancies {
    pub(in super::super) fn new(pages: usize) -> Self {
        Self { pages: vec![Page::default(); pages] }
    }

    pub(in super::super) fn granted(&mut self, offset_bytes: u64, length_bytes: u64, tenant: Tenant) {
        for page in pages(offset_bytes, length_bytes) {
            let Some(held) = self.pages.get_mut(page) else {
                panic!("admission: {} has page {page}, which does not exist", tenant.ticket)
            };
            assert_eq!(
                held.may_land, 0,
                "tenancy: {tenant:?} gets page {page}, and a write to {held:?} may still land"
            );
            held.tenant = Some(tenant);
        }
    }

    /// The tenant of a slot that a write is posted into.
    pub(in super::super) fn posted(
        &mut self,
        offset_bytes: u64,
        length_bytes: u64,
        epoch: Epoch,
        key: usize,
    ) -> Tenant {
        let first = self.pages[pages(offset_bytes, length_bytes).start].tenant;
        let Some(tenant) = first.filter(|it| it.epoch == epoch && it.key == key) else {
            panic!("tenancy: {epoch} writes key {key} into a slot of {first:?}")
        };
        for page in pages(offset_bytes, length_bytes) {
            assert_eq!(self.pages[page].tenant, Some(tenant), "tenancy: a write reaches beyond its slot");
            self.pages[page].may_land += 1;
        }
        tenant
    }

    /// The last holder of the slot in which a piece lands.
    pub(in super::super) fn tenant(&self, offset_bytes: u64) -> Option<Tenant> {
        self.pages[pages(offset_bytes, 0).start].tenant
    }

    /// The piece has landed, or never will.
    pub(in super::super) fn settled(&mut self, offset_bytes: u64, length_bytes: u64) {
        pages(offset_bytes, length_bytes).for_each(|page| self.pages[page].may_land -= 1);
    }

    /// The slot's bytes may be read.
    pub(in super::super) fn check_quiet(&self, offset_bytes: u64, length_bytes: u64, ticket: SlotTicket) {
        for page in pages(offset_bytes, length_bytes) {
            let held = &self.pages[page];
            assert_eq!(held.may_land, 0, "tenancy: {ticket} is read, and a write to {held:?} may land");
            assert_eq!(
                held.tenant.map(|it| it.ticket),
                Some(ticket),
                "tenancy: {ticket} is read but does not hold the page"
            );
        }
    }
}
